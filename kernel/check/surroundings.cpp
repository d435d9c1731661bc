#include <kernel/check/surroundings.h>
#include <kernel/messenger/messenger.h>

#include <argot/fabric.h>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <deque>
#include <set>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;

constexpr int most_nodes = 64;

std::string with_names(std::string text, const std::string& host, std::size_t number) {
  const auto replace = [&](std::string_view key, const std::string& value) {
    for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos; at += value.size())
      text.replace(at, key.size(), value);
  };
  replace("{host}", host);
  replace("{n}", std::to_string(number));
  return text;
}

std::string text_of(const YAML::Node& node) {
  YAML::Emitter out;
  out << node;
  return out.c_str();
}

bool is_entry_of(const YAML::Node& entry, const std::string& name) {
  if (entry.IsScalar()) return entry.Scalar() == name;
  return entry.IsMap() && (!entry["use"] || (entry["use"].IsScalar() && entry["use"].Scalar() == name));
}

/// Puts the file's path into the entry of the plugin under examination, or adds an entry.
void insert_subject(YAML::Node plugins, const CatalogEntry& subject) {
  const std::string path = fs::absolute(subject.file).string();
  YAML::Node entry = plugins[subject.info.kind];
  const auto name_file = [&](YAML::Node at) {
    if (at.IsMap())
      at["use"] = path;
    else
      at = path;
  };
  if (!entry || entry.IsNull()) {
    plugins[subject.info.kind] = path;
  } else if (!entry.IsSequence()) {
    if (is_entry_of(entry, subject.info.name) || !may_be_many(subject.info.kind)) return name_file(entry);
    YAML::Node both(YAML::NodeType::Sequence);
    both.push_back(YAML::Clone(entry));
    both.push_back(path);
    plugins[subject.info.kind] = both;
  } else {
    for (YAML::Node item : entry)
      if (is_entry_of(item, subject.info.name)) return name_file(item);
    entry.push_back(path);
  }
}

/// Of the plugins that provide an interface, the one to put into a simulation.
const CatalogEntry* provider(const Catalog& catalog, const std::string& interface_id) {
  const CatalogEntry* best = nullptr;
  const auto rank = [](const CatalogEntry& e) {
    const bool at_home = e.file.parent_path().filename() == e.info.kind;  // PLUGINS/KIND/NAME.so, not a test's fixture
    const bool simulated = std::ranges::count(e.info.needs, Fabric::interface_id) > 0;
    return std::tuple(at_home, simulated, -static_cast<int>(e.info.needs.size()));
  };
  for (const CatalogEntry& e : catalog.entries()) {
    if (e.refusal || std::ranges::count(e.info.provides, interface_id) == 0) continue;
    if (!best || rank(e) > rank(*best)) best = &e;
  }
  return best;
}

}  // namespace

Surroundings Surroundings::read(const fs::path& file, const CatalogEntry& subject) {
  const std::string origin = file.filename().string();
  YAML::Node root;
  try {
    root = YAML::LoadFile(file.string());
  } catch (const YAML::BadFile&) {
    throw Error(Code::not_found, fmt::format("The surroundings {} cannot be read.", file.string()),
                "Check the path given with --profile.");
  } catch (const YAML::Exception& error) {
    throw Error(Code::invalid_argument,
                fmt::format("{}:{}:{}: This is not valid YAML: {}.", origin, error.mark.line + 1, error.mark.column + 1,
                            error.msg),
                "Correct it.");
  }
  const auto refuse = [&](const YAML::Node& at, std::string what) {
    const YAML::Mark mark = at.Mark();
    throw Error(Code::invalid_argument, fmt::format("{}:{}:{}: {}", origin, mark.line + 1, mark.column + 1, what),
                "The form is described in kernel/check/surroundings.h.");
  };
  Surroundings out;
  out.origin_ = origin;
  out.base_ = fs::absolute(file).parent_path();
  if (!root.IsMap()) refuse(root, "Surroundings are a map with the keys hosts: and client:.");
  for (const auto& entry : root) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (key != "hosts" && key != "client" && key != "account")
      refuse(entry.first, fmt::format("Unknown key \"{}\". Allowed: hosts, account, client.", key));
  }
  if (const YAML::Node account = root["account"]) {
    const std::string text = account.IsScalar() ? account.Scalar() : "";
    if (text != "true" && text != "false") refuse(account, "account: must be true or false.");
    out.account_ = text == "true";
  }
  if (const YAML::Node hosts = root["hosts"]) {
    if (!hosts.IsSequence()) refuse(hosts, "hosts: must be a list.");
    for (const auto& host : hosts) {
      if (!host.IsMap() || !host["name"] || bool(host["profile"]) == bool(host["listens"]))
        refuse(host, "A host has a name: and either a profile: or a port at which it listens:, and may have a count:.");
      int port = 0;
      try {
        port = host["listens"] ? host["listens"].as<int>() : 1;
      } catch (const YAML::Exception&) {
      }
      if (port < 1 || port > 65535) refuse(host["listens"], "listens: must be a port from 1 to 65535.");
      int count = 0;
      try {
        count = host["count"] ? host["count"].as<int>() : 1;
      } catch (const YAML::Exception&) {
      }
      if (count < 1 || static_cast<int>(out.nodes_.size()) + count > most_nodes)
        refuse(host, fmt::format("count: must be a number from 1 to {}.", most_nodes));
      for (int n = 1; n <= count; ++n) {
        const std::string name = host["count"] ? fmt::format("{}-{}", host["name"].Scalar(), n) : host["name"].Scalar();
        Node node;
        node.host = name;
        if (host["listens"])
          node.listens = port;
        else
          node.profile = Profile::parse(with_names(text_of(host["profile"]), name, static_cast<std::size_t>(n)), origin,
                                        out.base_);
        out.nodes_.push_back(std::move(node));
      }
    }
  }
  YAML::Node client = root["client"];
  if (!client || client.IsNull()) client = YAML::Node(YAML::NodeType::Map);
  if (!client.IsMap()) refuse(client, "client: must be a profile.");
  YAML::Node plugins = client["plugins"];
  if (!plugins || plugins.IsNull()) {
    client["plugins"] = YAML::Node(YAML::NodeType::Map);
    plugins = client["plugins"];
  }
  if (!plugins.IsMap()) refuse(plugins, "plugins: must be a map such as {network: sim}.");
  insert_subject(plugins, subject);
  out.has_network_ = static_cast<bool>(plugins["network"]);
  out.client_ = text_of(client);
  return out;
}

Surroundings Surroundings::standard(const CatalogEntry& subject, const Catalog& catalog) {
  YAML::Node client(YAML::NodeType::Map);
  client["lab"] = true;
  YAML::Node plugins = client["plugins"] = YAML::Node(YAML::NodeType::Map);
  const auto& own = subject.info.provides;
  std::set<std::string> known(own.begin(), own.end());
  known.emplace(Fabric::interface_id);
  std::deque<std::string> wanted(subject.info.needs.begin(), subject.info.needs.end());
  for (; !wanted.empty(); wanted.pop_front()) {
    const std::string id = wanted.front();
    if (!known.insert(id).second) continue;
    if (id == messenger_descriptor.provides) {  // comes with the kernel
      for (const std::string& more : split_words(messenger_descriptor.needs)) wanted.push_back(more);
      continue;
    }
    const CatalogEntry* found = provider(catalog, id);
    if (!found)
      throw Error(Code::not_found,
                  fmt::format("{} needs {}, and no plugin that was found provides it.", subject.info.title(), id),
                  "Name the plugin's surroundings with --profile, or add the directory of what provides it to "
                  "$ARGOT_PLUGIN_PATH.");
    plugins[found->info.kind].push_back(found->info.name);
    known.insert(found->info.provides.begin(), found->info.provides.end());
    wanted.insert(wanted.end(), found->info.needs.begin(), found->info.needs.end());
  }
  insert_subject(plugins, subject);
  Surroundings out;
  out.origin_ = "the standard surroundings";
  out.has_network_ = static_cast<bool>(plugins["network"]);
  out.client_ = text_of(client);
  return out;
}

fs::path Surroundings::beside(const fs::path& plugin_file) {
  fs::path file = plugin_file;
  file.replace_extension(".check.yaml");
  return fs::exists(file) ? file : fs::path();
}

Profile Surroundings::client(std::size_t who, const std::string& host) const {
  return Profile::parse(with_names(client_, host, who), origin_, base_);
}

}  // namespace argot::kernel
