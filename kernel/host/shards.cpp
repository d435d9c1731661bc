#include <kernel/host/shards.h>

#include <fmt/format.h>

#include <algorithm>

namespace argot::kernel {
namespace {

constexpr const char* option_name = "shard";

bool is_given(const PluginUse& use) {
  return std::any_of(use.options.begin(), use.options.end(), [](const RawOption& o) { return o.name == option_name; });
}

PluginUse with_place(PluginUse use, int number, int count, const Mark& at) {
  RawOption option;
  option.name = option_name;
  option.scalar = fmt::format("{}/{}", number, count);
  option.found = fmt::format("\"{}\"", option.scalar);
  option.at = option.value_at = at;
  use.options.push_back(std::move(option));
  return use;
}

}  // namespace

std::vector<Profile> shards_of(const Profile& profile, const Catalog& catalog) {
  return shards_of(profile, [&](const PluginUse& use) -> std::optional<PluginInfo> {
    try {
      return use.is_path() ? Catalog::read(use.use).info : catalog.find(use.kind, use.use).info;
    } catch (const Error&) {  // a kernel will say why
      return std::nullopt;
    }
  });
}

std::vector<Profile> shards_of(const Profile& profile, const KnowPlugin& know) {
  if (profile.workers == 1 || !profile.problems.empty()) return {profile};
  std::vector<bool> sharded;
  std::vector<Problem> problems;
  for (const PluginUse& use : profile.plugins) {
    const auto info = use.kind == "app" ? know(use) : std::nullopt;
    if (use.kind == "app" && !info) return {profile};
    sharded.push_back(info && info->option(option_name));
    if (sharded.back() && is_given(use))
      problems.push_back(
          {use.at,
           fmt::format("The option shard of {} is set by workers: and must not be given besides.", info->title())});
  }
  if (std::find(sharded.begin(), sharded.end(), true) == sharded.end())
    problems.push_back(
        {profile.workers_at, fmt::format("workers: is {}, but no app of this profile can be run by several kernels. "
                                         "One that can has an option \"shard\": `argot plugin info NAME` shows it.",
                                         profile.workers)});
  if (!problems.empty()) throw error_of(problems, profile.origin);
  std::vector<Profile> out;
  for (int number = 1; number <= profile.workers; ++number) {
    Profile one = profile;
    one.plugins.clear();
    for (std::size_t i = 0; i < profile.plugins.size(); ++i) {
      const PluginUse& use = profile.plugins[i];
      if (sharded[i])
        one.plugins.push_back(with_place(use, number, profile.workers, profile.workers_at));
      else if (number == 1 || use.kind == "network")
        one.plugins.push_back(use);
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace argot::kernel
