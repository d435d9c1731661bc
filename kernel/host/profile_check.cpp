#include <kernel/host/nearest.h>
#include <kernel/host/profile_check.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace argot::kernel {
namespace {

/// A scalar as a value of the type; nothing when it is none.
std::optional<Settings::Value> value_of(OptionType type, const std::string& text) {
  switch (type) {
    case OptionType::text: return text;
    case OptionType::number: {
      std::int64_t n = 0;
      auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
      if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
      return n;
    }
    case OptionType::flag:
      if (text == "true") return true;
      if (text == "false") return false;
      return std::nullopt;
    case OptionType::duration:
      if (auto d = parse_duration(text)) return *d;
      return std::nullopt;
    case OptionType::size:
      if (auto s = parse_size(text)) return *s;
      return std::nullopt;
    case OptionType::list: return std::nullopt;
  }
  return std::nullopt;
}

/// A default in a note: as in YAML, a list with commas.
std::optional<Settings::Value> default_of(const OptionInfo& option) {
  if (option.type != OptionType::list) return value_of(option.type, option.fallback);
  std::vector<std::string> items;
  for (std::string_view rest = option.fallback; !rest.empty();) {
    std::size_t end = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, end);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return items;
}

void fill_settings(PlannedPlugin& plan, std::vector<Problem>& problems) {
  std::vector<std::string> allowed;
  for (const OptionInfo& o : plan.info.options) allowed.push_back(o.name);
  allowed.insert(allowed.end(), {"use", "as"});
  for (const RawOption& raw : plan.use.options) {
    const OptionInfo* option = plan.info.option(raw.name);
    if (!option) {
      problems.push_back(
          {raw.at, fmt::format("The plugin {}/{} has no option \"{}\".{}{}", plan.info.kind, plan.info.name, raw.name,
                               did_you_mean(raw.name, allowed), list_allowed(allowed))});
      continue;
    }
    std::optional<Settings::Value> value;
    if (option->type == OptionType::list && raw.form == RawOption::Form::list)
      value = raw.items;
    else if (option->type != OptionType::list && raw.form == RawOption::Form::scalar)
      value = value_of(option->type, raw.scalar);
    if (value)
      plan.settings.set(raw.name, std::move(*value));
    else
      problems.push_back(
          {raw.value_at, fmt::format("{}: of {}/{} must be {}, but this is {}.", raw.name, plan.info.kind,
                                     plan.info.name, describe(option->type), raw.found)});
  }
  for (const OptionInfo& option : plan.info.options) {
    bool given = std::any_of(plan.use.options.begin(), plan.use.options.end(),
                             [&](const RawOption& r) { return r.name == option.name; });
    if (given) continue;
    if (option.required) {
      problems.push_back({plan.use.at, fmt::format("The plugin {}/{} needs the option \"{}\" ({}): {}", plan.info.kind,
                                                   plan.info.name, option.name, describe(option.type),
                                                   option.help.empty() ? "it has no default." : option.help)});
    } else if (!option.fallback.empty()) {
      if (auto value = default_of(option))
        plan.settings.set(option.name, std::move(*value));
      else
        problems.push_back(
            {plan.use.at, fmt::format("The plugin {} declares the default \"{}\" for its option {}, which is not {}: a "
                                      "defect of the plugin.",
                                      plan.info.title(), option.fallback, option.name, describe(option.type))});
    }
  }
}

}  // namespace

std::string PlannedPlugin::title() const {
  return instance == info.name ? info.title() : info.title() + " as " + instance;
}

PlannedPlugin check_use(const PluginUse& use, bool lab, const Catalog& catalog, const std::vector<PluginInfo>& own,
                        std::vector<Problem>& problems) {
  PlannedPlugin plan;
  plan.use = use;
  auto is_own = std::find_if(own.begin(), own.end(), [&](const PluginInfo& i) { return i.kind == use.kind; });
  if (is_own == own.end() &&
      std::find(profile_kinds().begin(), profile_kinds().end(), use.kind) == profile_kinds().end()) {
    std::vector<std::string> allowed = profile_kinds();
    for (const PluginInfo& i : own)
      if (std::find(allowed.begin(), allowed.end(), i.kind) == allowed.end()) allowed.push_back(i.kind);
    problems.push_back({use.at, fmt::format("There is no kind of plugin \"{}\".{}{}", use.kind,
                                            did_you_mean(use.kind, allowed), list_allowed(allowed))});
    return plan;
  }
  try {
    if (is_own != own.end() && use.use == is_own->name) {
      plan.info = *is_own;
    } else {
      CatalogEntry entry = use.is_path() ? Catalog::read(use.use) : catalog.find(use.kind, use.use);
      plan.info = std::move(entry.info);
      plan.file = std::move(entry.file);
    }
  } catch (const Error& error) {
    problems.push_back({use.at, error.sentence()});
    return plan;
  }
  if (plan.info.kind != use.kind) {
    problems.push_back({use.at, fmt::format("{} is of kind {}, but stands under {}: in the profile.",
                                            plan.file.string(), plan.info.kind, use.kind)});
    return plan;
  }
  plan.instance = use.as.empty() ? plan.info.name : use.as;
  if (plan.instance.size() > 64 ||
      plan.instance.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
    problems.push_back(
        {use.at, fmt::format("as: \"{}\" is no name; it must be made of a-z, 0-9 and -.", plan.instance)});
  if (plan.info.lab_only && !lab)
    problems.push_back(
        {use.at, fmt::format("The plugin {} is only for experiments; it loads when the profile says \"lab: true\".",
                             plan.info.title())});
  fill_settings(plan, problems);
  return plan;
}

std::vector<PlannedPlugin> check_profile(const Profile& profile, const Catalog& catalog,
                                         const std::vector<PluginInfo>& own) {
  std::vector<Problem> problems = profile.problems;
  std::vector<PlannedPlugin> plans;
  std::map<std::pair<std::string, std::string>, Mark> names;
  for (const PluginUse& use : profile.plugins) {
    PlannedPlugin plan = check_use(use, profile.lab, catalog, own, problems);
    if (plan.instance.empty()) continue;
    if (auto [first, added] = names.try_emplace({plan.info.kind, plan.instance}, use.at); !added)
      problems.push_back(
          {use.at,
           fmt::format("Two {} plugins are called \"{}\" (the other at {}). Give one another name with \"as: NAME\".",
                       plan.info.kind, plan.instance, first->second.text())});
    plans.push_back(std::move(plan));
  }
  if (!problems.empty()) throw error_of(problems, profile.origin);
  return plans;
}

}  // namespace argot::kernel
