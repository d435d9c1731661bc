#include <kernel/host/nearest.h>
#include <kernel/host/profile.h>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t most_plugins = 256;
constexpr std::size_t most_options = 64;
constexpr std::size_t most_items = 10'000;
constexpr int most_workers = 64;

/// "~" and "~/x" by $HOME; relative ones by `base`.
fs::path resolve_path(std::string text, const fs::path& base) {
  if (text == "~" || text.starts_with("~/"))
    if (const char* home = std::getenv("HOME")) text = home + text.substr(1);
  fs::path path(text);
  return path.is_absolute() || base.empty() ? path : (base / path).lexically_normal();
}

std::string what_it_is(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Null: return "nothing";
    case YAML::NodeType::Sequence: return "a list";
    case YAML::NodeType::Map: return "a map";
    case YAML::NodeType::Scalar: {
      std::string text = node.Scalar();
      if (text.size() > 60) text = text.substr(0, 60) + "...";
      return fmt::format("\"{}\"", text);
    }
    default: return "nothing";
  }
}

/// Fills a profile from YAML nodes; what is wrong is added to its problems.
class Reader {
 public:
  Reader(Profile& profile, std::string origin, fs::path base)
      : profile_(profile), origin_(std::move(origin)), base_(std::move(base)) {}

  Mark mark(const YAML::Node& node) const {
    YAML::Mark m = node.Mark();
    return m.is_null() || without_lines_ ? Mark{origin_, 0, 0} : Mark{origin_, m.line + 1, m.column + 1};
  }
  void without_lines() { without_lines_ = true; }

  void problem(const YAML::Node& at, std::string sentence) {
    profile_.problems.push_back({mark(at), std::move(sentence)});
  }

  /// Calls `each(key text, key node, value node)` for a map, and complains about keys that occur twice.
  template <class F> void for_keys(const YAML::Node& map, F each) {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) {
        problem(entry.first, fmt::format("A key must be a word, but this is {}.", what_it_is(entry.first)));
        continue;
      }
      std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) {
        problem(entry.first, fmt::format("The key \"{}\" is given twice.", key));
        continue;
      }
      each(key, entry.first, entry.second);
    }
  }

  void read(const YAML::Node& root) {
    if (!root.IsMap()) {
      problem(root, fmt::format("A profile is a map of keys such as plugins:, but this is {}.", what_it_is(root)));
      return;
    }
    for_keys(root, [&](const std::string& key, const YAML::Node& key_node, const YAML::Node& value) {
      if (key == "plugins")
        read_plugins(value);
      else if (!read_top(key, value))
        problem(key_node, unknown(key, top_keys()));
    });
  }

  static const std::vector<std::string>& top_keys() {
    static const std::vector<std::string> keys = {"data", "lab", "log", "plugin_path", "plugins", "workers"};
    return keys;
  }

  static std::string unknown(const std::string& key, const std::vector<std::string>& allowed) {
    return fmt::format("Unknown key \"{}\".{}{}", key, did_you_mean(key, allowed), list_allowed(allowed));
  }

  bool read_top(const std::string& key, const YAML::Node& value) {
    if (key == "data") {
      if (!value.IsScalar() || value.Scalar().empty())
        problem(value, fmt::format("data: must be the path of a directory, but this is {}.", what_it_is(value)));
      else
        profile_.data = resolve_path(value.Scalar(), base_);
    } else if (key == "lab") {
      if (value.IsScalar() && (value.Scalar() == "true" || value.Scalar() == "false"))
        profile_.lab = value.Scalar() == "true";
      else
        problem(value, fmt::format("lab: must be true or false, but this is {}.", what_it_is(value)));
    } else if (key == "log") {
      static const std::vector<std::string> levels = {"debug", "info", "warning", "error"};
      auto found = value.IsScalar() ? std::find(levels.begin(), levels.end(), value.Scalar()) : levels.end();
      if (found == levels.end())
        problem(value, fmt::format("log: must be a level, but this is {}.{}{}", what_it_is(value),
                                   value.IsScalar() ? did_you_mean(value.Scalar(), levels) : "", list_allowed(levels)));
      else
        profile_.log = static_cast<LogLevel>(found - levels.begin());
    } else if (key == "plugin_path") {
      if (value.IsScalar()) {
        profile_.plugin_path.push_back(resolve_path(value.Scalar(), base_));
      } else if (value.IsSequence()) {
        for (const auto& item : value) {
          if (item.IsScalar() && profile_.plugin_path.size() < most_items)
            profile_.plugin_path.push_back(resolve_path(item.Scalar(), base_));
          else
            problem(item, fmt::format("plugin_path: must list directories, but this is {}.", what_it_is(item)));
        }
      } else {
        problem(value, fmt::format("plugin_path: must be a list of directories, but this is {}.", what_it_is(value)));
      }
    } else if (key == "workers") {
      int n = 0;
      const std::string text = value.IsScalar() ? value.Scalar() : std::string();
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
      if (text.empty() || failure != std::errc() || end != text.data() + text.size() || n < 1 || n > most_workers)
        problem(value, fmt::format("workers: must be a whole number from 1 to {}, but this is {}.", most_workers,
                                   what_it_is(value)));
      else
        profile_.workers = n;
      profile_.workers_at = mark(value);
    } else {
      return false;
    }
    return true;
  }

  void read_plugins(const YAML::Node& map) {
    if (!map.IsMap()) {
      problem(map, fmt::format("plugins: must be a map such as {{network: os}}, but this is {}.", what_it_is(map)));
      return;
    }
    for_keys(map, [&](const std::string& kind, const YAML::Node& key_node, const YAML::Node& value) {
      if (value.IsSequence()) {
        if (!may_be_many(kind) && value.size() > 1)
          problem(key_node, fmt::format("Only one {} plugin can be loaded, but {} are listed.", kind, value.size()));
        for (const auto& item : value) read_use(kind, item);
      } else {
        read_use(kind, value, key_node);
      }
    });
  }

  void read_use(const std::string& kind, const YAML::Node& value, const YAML::Node& key_node = {}) {
    if (profile_.plugins.size() >= most_plugins) {
      problem(value, fmt::format("More than {} plugins are listed.", most_plugins));
      return;
    }
    PluginUse use;
    use.kind = kind;
    use.at = mark(value);
    if (value.IsScalar()) {
      use.use = value.Scalar();
    } else if (value.IsMap()) {
      for_keys(value, [&](const std::string& key, const YAML::Node& option_key, const YAML::Node& option) {
        if (key == "use" || key == "as") {
          if (!option.IsScalar() || option.Scalar().empty())
            problem(option, fmt::format("{}: must be a name, but this is {}.", key, what_it_is(option)));
          else
            (key == "use" ? use.use : use.as) = option.Scalar();
        } else if (use.options.size() < most_options) {
          use.options.push_back(read_option(key, option_key, option));
        } else {
          problem(option_key, fmt::format("More than {} options are given.", most_options));
        }
      });
    } else {
      problem(value.IsNull() && key_node ? key_node : value,
              fmt::format("{}: must name a plugin, as in \"{}: NAME\" or \"{}: {{use: NAME}}\", but this is {}.", kind,
                          kind, kind, what_it_is(value)));
      return;
    }
    if (use.use.empty()) {
      // A component of the kernel's own is set without naming it: messenger: {...}.
      use.use = std::find(profile_kinds().begin(), profile_kinds().end(), kind) == profile_kinds().end() ? kind : "";
      if (use.use.empty()) {
        problem(value, fmt::format("This {} entry does not say which plugin: use: is missing.", kind));
        return;
      }
    }
    if (use.is_path()) use.use = resolve_path(use.use, base_).string();
    profile_.plugins.push_back(std::move(use));
  }

  RawOption read_option(const std::string& key, const YAML::Node& key_node, const YAML::Node& value) {
    RawOption o;
    o.name = key;
    o.at = mark(key_node);
    o.value_at = mark(value);
    o.found = what_it_is(value);
    if (value.IsScalar()) {
      o.form = RawOption::Form::scalar;
      o.scalar = value.Scalar();
    } else if (value.IsSequence() && value.size() <= most_items &&
               std::all_of(value.begin(), value.end(), [](const auto& item) { return item.IsScalar(); })) {
      o.form = RawOption::Form::list;
      for (const auto& item : value) o.items.push_back(item.Scalar());
    } else {
      o.form = value.IsNull() ? RawOption::Form::empty : RawOption::Form::other;
      if (value.IsSequence()) o.found = "a list of something else than texts";
    }
    return o;
  }

 private:
  Profile& profile_;
  std::string origin_;
  fs::path base_;
  bool without_lines_ = false;
};

}  // namespace

std::string Mark::text() const { return line > 0 ? fmt::format("{}:{}:{}", origin, line, column) : origin; }

const std::vector<std::string>& profile_kinds() {
  static const std::vector<std::string> kinds = {"network",   "directory", "storage", "crypto",
                                                 "transport", "media",     "app"};
  return kinds;
}

bool may_be_many(std::string_view kind) { return kind == "crypto" || kind == "media" || kind == "app"; }

Error error_of(const std::vector<Problem>& problems, const std::string& origin) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), most); ++i) {
    if (i) text += '\n';
    text += problems[i].at.text() + ": " + problems[i].sentence;
  }
  if (problems.size() > most) text += fmt::format("\nAnd {} more problems.", problems.size() - most);
  return Error(Code::invalid_argument, text, fmt::format("Correct {} and start again.", origin));
}

Profile Profile::load(const fs::path& file) {
  std::error_code failure;
  fs::file_status status = fs::status(file, failure);
  if (!fs::exists(status))
    throw Error(Code::not_found, fmt::format("There is no profile {}.", file.string()),
                "Check the path given with --profile.");
  if (fs::is_directory(status))
    throw Error(Code::invalid_argument, fmt::format("{} is a directory, not a profile.", file.string()),
                "Name the YAML file in it.");
  std::ifstream in(file, std::ios::binary);
  std::string text(most_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (!in && !in.eof())
    throw Error(Code::permission_denied, fmt::format("The profile {} cannot be read.", file.string()),
                "Check its permissions.");
  Profile profile = parse(text, file.string(), fs::absolute(file).parent_path());
  if (profile.data.empty()) {
    const char* xdg = std::getenv("XDG_DATA_HOME");
    profile.data = xdg && *xdg == '/' ? fs::path(xdg) / "argot" : resolve_path("~/.local/share/argot", {});
  }
  return profile;
}

Profile Profile::parse(std::string_view text, std::string origin, fs::path base) {
  Profile profile;
  profile.origin = origin;
  if (text.size() > most_bytes) {
    profile.problems.push_back({{origin, 0, 0}, fmt::format("The profile is larger than {} bytes.", most_bytes)});
    return profile;
  }
  try {
    YAML::Node root = YAML::Load(std::string(text));
    Reader reader(profile, origin, std::move(base));
    if (root.IsNull())
      profile.problems.push_back(
          {{origin, 0, 0}, "The profile is empty. It must at least say which plugins: to load."});
    else
      reader.read(root);
  } catch (const YAML::Exception& error) {
    Mark at{origin, 0, 0};
    if (!error.mark.is_null()) at = {origin, error.mark.line + 1, error.mark.column + 1};
    profile.problems.push_back({at, fmt::format("This is not valid YAML: {}.", error.msg)});
  }
  return profile;
}

void Profile::set(std::string_view assignment) {
  std::string origin = fmt::format("--set {}", assignment);
  auto refuse = [&](std::string what, std::string remedy) {
    throw Error(Code::invalid_argument, origin + ": " + what, std::move(remedy));
  };
  std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0)
    refuse("There is no \"key=value\" in it.", "Write, for instance, --set transport.poll_interval=100ms.");
  std::string key(assignment.substr(0, equals)), value_text(assignment.substr(equals + 1));
  YAML::Node value;
  try {
    value = YAML::Load(value_text);
  } catch (const YAML::Exception& error) {
    refuse(fmt::format("The value is not valid YAML: {}.", error.msg), "Quote it.");
  }
  Reader reader(*this, origin, fs::current_path());
  reader.without_lines();

  std::vector<std::string> path;
  for (std::size_t at = 0; at <= key.size();) {
    std::size_t dot = std::min(key.find('.', at), key.size());
    path.push_back(key.substr(at, dot - at));
    at = dot + 1;
  }
  std::size_t problems_before = problems.size();
  auto report = [&] {
    if (problems.size() == problems_before) return;
    std::string sentence = problems.back().sentence;
    problems.resize(problems_before);
    refuse(sentence, "Correct the value.");
  };
  const std::string& kind = path[0];
  if (path.size() == 1 && kind != "plugins" && reader.read_top(kind, value)) return report();
  auto is_kind = [&](const PluginUse& use) { return use.kind == kind; };
  auto found = std::count_if(plugins.begin(), plugins.end(), is_kind);
  if (found == 0 && std::find(profile_kinds().begin(), profile_kinds().end(), kind) == profile_kinds().end()) {
    std::vector<std::string> allowed = profile_kinds();
    allowed.insert(allowed.end(), {"data", "lab", "log", "workers"});
    refuse(fmt::format("Unknown key \"{}\".{}{}", kind, did_you_mean(kind, allowed), list_allowed(allowed)),
           "Correct the key.");
  }
  if (path.size() == 1) {  // another plugin in place of all of this kind
    std::vector<PluginUse> others;
    std::copy_if(plugins.begin(), plugins.end(), std::back_inserter(others),
                 [&](const PluginUse& use) { return use.kind != kind; });
    plugins.swap(others);
    YAML::Node map;
    map[kind] = value;
    reader.read_plugins(map);
    return report();
  }
  if (path.size() > 3) refuse("The key has too many parts.", "Write kind.option or kind.instance.option.");
  PluginUse* target = nullptr;
  std::vector<std::string> instances;
  for (PluginUse& use : plugins) {
    if (use.kind != kind) continue;
    const std::string& name = use.as.empty() ? use.use : use.as;
    instances.push_back(name);
    if (path.size() == 2 || name == path[1]) target = &use;
  }
  if (found == 0) refuse(fmt::format("The profile loads no {} plugin.", kind), fmt::format("Set {}=NAME first.", kind));
  if (path.size() == 2 && found > 1)
    refuse(fmt::format("The profile loads {} {} plugins.", found, kind),
           fmt::format("Say which: {}.NAME.{}, NAME one of {}.", kind, path[1], fmt::join(instances, ", ")));
  if (!target)
    refuse(
        fmt::format("The profile loads no {} plugin called \"{}\".{}", kind, path[1], did_you_mean(path[1], instances)),
        fmt::format("Name one of {}.", fmt::join(instances, ", ")));
  RawOption option = reader.read_option(path.back(), value, value);
  std::erase_if(target->options, [&](const RawOption& o) { return o.name == option.name; });
  target->options.push_back(std::move(option));
}

void Profile::set_from_environment() {
  const char* lines = std::getenv("ARGOT_SET");
  for (std::string_view rest = lines ? lines : ""; !rest.empty();) {
    std::size_t end = std::min(rest.find_first_of(";\n"), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) set(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace argot::kernel
