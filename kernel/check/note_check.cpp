#include <kernel/check/note_check.h>
#include <kernel/host/profile.h>

#include <argot/app.h>
#include <argot/directory.h>
#include <argot/media.h>
#include <argot/network.h>
#include <argot/storage.h>
#include <argot/suite.h>
#include <argot/transport.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace argot::kernel {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && name.front() != '-' && name.back() != '-' &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// "1.2.3", "1.0.0-beta".
bool is_version(std::string_view version) {
  const std::string_view numbers = version.substr(0, version.find_first_of("-+"));
  int parts = 0;
  for (std::size_t at = 0; at <= numbers.size(); ++parts) {
    const std::size_t dot = std::min(numbers.find('.', at), numbers.size());
    unsigned number = 0;
    const auto [end, failure] = std::from_chars(numbers.data() + at, numbers.data() + dot, number);
    if (failure != std::errc() || end != numbers.data() + dot) return false;
    at = dot + 1;
  }
  return parts == 3;
}

/// "transport/1".
bool is_interface_id(std::string_view id) {
  const std::size_t slash = id.find('/');
  unsigned revision = 0;
  if (slash == std::string_view::npos || slash == 0) return false;
  const auto [end, failure] = std::from_chars(id.data() + slash + 1, id.data() + id.size(), revision);
  return failure == std::errc() && end == id.data() + id.size() && revision > 0;
}

std::string_view interface_of(const std::string& kind) {
  static const std::map<std::string_view, std::string_view> known = {{Network::kind, Network::interface_id},
                                                                     {Directory::kind, Directory::interface_id},
                                                                     {Transport::kind, Transport::interface_id},
                                                                     {Suite::kind, Suite::interface_id},
                                                                     {Storage::kind, Storage::interface_id},
                                                                     {Media::kind, Media::interface_id},
                                                                     {App::kind, App::interface_id}};
  const auto found = known.find(kind);
  return found == known.end() ? std::string_view() : found->second;
}

bool fits(const OptionInfo& option) {
  const std::string& text = option.fallback;
  switch (option.type) {
    case OptionType::text:
    case OptionType::list: return true;
    case OptionType::flag: return text == "true" || text == "false";
    case OptionType::duration: return parse_duration(text).has_value();
    case OptionType::size: return parse_size(text).has_value();
    case OptionType::number: {
      std::int64_t number = 0;
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
      return failure == std::errc() && end == text.data() + text.size();
    }
  }
  return false;
}

}  // namespace

void check_note(kit::Report& report, const PluginInfo& info) {
  kit::Finding says;
  says.expect(is_name(info.name), "a name of small letters, digits and dashes, found \"" + info.name + "\"");
  says.expect(is_version(info.version), "a version such as 1.0.0, found \"" + info.version + "\"");
  says.expect(info.summary.size() >= 10 && info.summary.find('\n') == std::string::npos,
              "a summary of one line, found \"" + info.summary + "\"");
  says.expect(!interface_of(info.kind).empty(), "a kind that profiles know, found \"" + info.kind + "\"");
  const std::string_view own = interface_of(info.kind);
  says.expect(std::ranges::count(info.provides, own) == 1,
              "that it provides " + std::string(own) + ", as plugins of its kind do");
  for (const auto* list : {&info.provides, &info.needs})
    for (const std::string& id : *list)
      says.expect(is_interface_id(id), "interfaces with a revision, such as network/1, found \"" + id + "\"");
  for (const std::string& id : info.provides)
    says.expect(std::ranges::count(info.needs, id) == 0, "that it does not need what it provides, found " + id);
  report.add("its note says who it is", says.holds(), says.holds() ? info.title() : says.detail());

  kit::Finding options;
  std::set<std::string> names;
  for (const OptionInfo& option : info.options) {
    const std::string what = "option \"" + option.name + "\" ";
    options.expect(names.insert(option.name).second, what + "is declared once");
    options.expect(option.name != "use" && option.name != "as",
                   what + "has a name that profiles do not use themselves");
    options.expect(!option.help.empty(), what + "says what it is for");
    options.expect(option.fallback.empty() || fits(option),
                   what + "has a default of its type, found \"" + option.fallback + "\"");
    options.expect(!option.required || option.fallback.empty(), what + "is required or has a default, not both");
  }
  report.add("its options are well formed", options.holds(),
             options.holds() ? std::to_string(info.options.size()) + (info.options.size() == 1 ? " option" : " options")
                             : options.detail());
}

}  // namespace argot::kernel
