#include <kernel/host/plugin_info.h>

#include <fmt/format.h>

#include <sstream>

namespace argot::kernel {

const OptionInfo* PluginInfo::option(std::string_view option_name) const {
  for (const OptionInfo& o : options)
    if (o.name == option_name) return &o;
  return nullptr;
}

std::vector<std::string> split_words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

PluginInfo info_of(const Descriptor& d) {
  PluginInfo info;
  info.name = d.name;
  info.version = d.version;
  info.kind = d.kind;
  info.summary = d.summary;
  info.fingerprint = build_fingerprint;
  info.provides = split_words(d.provides);
  info.needs = split_words(d.needs);
  info.lab_only = d.lab_only;
  for (const Option& o : d.options)
    if (!o.name.empty())
      info.options.push_back({std::string(o.name), std::string(o.fallback), std::string(o.help), o.type, o.required});
  return info;
}

std::string describe(OptionType type) {
  switch (type) {
    case OptionType::text: return "text";
    case OptionType::number: return "a whole number";
    case OptionType::flag: return "true or false";
    case OptionType::duration: return "a duration (like 250ms, 5s, 2h)";
    case OptionType::size: return "a size (like 64KiB, 10MB)";
    case OptionType::list: return "a list of texts";
  }
  return "a value of an unknown type";
}

std::string describe(const PluginInfo& info, std::string_view file) {
  std::string text =
      fmt::format("{}\n  {}\n  kind      {}\n  provides  {}\n  needs     {}\n", info.title(), info.summary, info.kind,
                  info.provides.empty() ? "nothing" : fmt::format("{}", fmt::join(info.provides, " ")),
                  info.needs.empty() ? "nothing" : fmt::format("{}", fmt::join(info.needs, " ")));
  if (info.lab_only) text += "  lab only  loads only when the profile says lab: true\n";
  if (!file.empty()) text += fmt::format("  file      {}\n", file);
  text += fmt::format("  built     {}\n", info.fingerprint);
  for (const OptionInfo& o : info.options) {
    std::string given = o.required ? "required" : o.fallback.empty() ? "optional" : "default " + o.fallback;
    text += fmt::format("  option    {}: {}; {}. {}\n", o.name, describe(o.type), given, o.help);
  }
  return text;
}

}  // namespace argot::kernel
