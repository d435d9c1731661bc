#include <kernel/host/shards.h>

#include <gmock/gmock.h>

namespace argot::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// An app that can be run by several kernels, and one that cannot.
std::optional<PluginInfo> know(const PluginUse& use) {
  PluginInfo info;
  info.kind = use.kind;
  info.name = use.use;
  info.version = "1.0.0";
  if (use.use == "server") info.options.push_back({.name = "shard", .fallback = "", .help = ""});
  if (use.use == "nobody-knows") return std::nullopt;
  return info;
}

std::vector<std::string> names(const Profile& profile) {
  std::vector<std::string> out;
  for (const PluginUse& use : profile.plugins) out.push_back(use.kind + "/" + use.use);
  return out;
}

std::string complaint(std::string_view yaml) {
  try {
    (void)shards_of(Profile::parse(yaml, "p.yaml"), know);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Shards, AProfileWithoutWorkersStaysAsItIs) {
  const auto all = shards_of(Profile::parse("plugins: {network: os, app: server}", "p.yaml"), know);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].plugins[1].options.empty());
}

TEST(Shards, EachKernelIsToldWhichItIsAndOnlyTheFirstRunsEverything) {
  const auto all =
      shards_of(Profile::parse("workers: 3\nplugins: {network: os, storage: sqlite, app: server}", "p.yaml"), know);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_THAT(names(all[0]), ElementsAre("network/os", "storage/sqlite", "app/server"));
  EXPECT_THAT(names(all[1]), ElementsAre("network/os", "app/server"));
  EXPECT_EQ(all[0].plugins.back().options.back().scalar, "1/3");
  EXPECT_EQ(all[2].plugins.back().options.back().scalar, "3/3");
}

TEST(Shards, WhatCannotBeSharedIsSaidWithItsPlace) {
  EXPECT_THAT(complaint("plugins: {network: os, storage: sqlite}\nworkers: 2"),
              HasSubstr("p.yaml:2:10: workers: is 2, but no app of this profile"));
  EXPECT_EQ(complaint("workers: 2\nplugins: {network: os, app: nobody-knows}"), "none") << "its kernel says it better";
  EXPECT_THAT(complaint("workers: 2\nplugins: {network: os, app: {use: server, shard: 1/2}}"),
              HasSubstr("must not be given besides"));
}

TEST(Shards, TheNumberOfWorkersIsChecked) {
  for (const char* wrong : {"0", "65", "-1", "two", "[2]", "1.5", "''"}) {
    const Profile profile = Profile::parse(std::string("plugins: {network: os}\nworkers: ") + wrong, "p.yaml");
    ASSERT_EQ(profile.problems.size(), 1u) << wrong;
    EXPECT_THAT(profile.problems[0].sentence, HasSubstr("workers: must be a whole number from 1 to 64")) << wrong;
  }
  Profile profile = Profile::parse("plugins: {network: os}", "p.yaml");
  profile.set("workers=2");
  EXPECT_EQ(profile.workers, 2);
}

}  // namespace
}  // namespace argot::kernel
