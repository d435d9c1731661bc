#include <kernel/host/profile.h>
#include <kernel/host/profile_check.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Problems as lines; components compiled in stand for plugins, so that no file is needed.
std::string problems(std::string_view yaml) {
  static const PluginInfo swarm = [] {
    Descriptor d{
        .name = "swarm",
        .version = "1.0.0",
        .summary = "s",
        .kind = "transport",
        .provides = "transport/1",
        .options = {{{.name = "nodes", .type = OptionType::list, .required = true, .help = "Addresses of nodes."},
                     {.name = "poll_interval", .type = OptionType::duration, .fallback = "1s"},
                     {.name = "retries", .type = OptionType::number, .fallback = "3"},
                     {.name = "tls", .type = OptionType::flag, .fallback = "true"},
                     {.name = "buffer", .type = OptionType::size, .fallback = "64KiB"},
                     {.name = "label"}}}};
    return info_of(d);
  }();
  try {
    check_profile(Profile::parse(yaml, "p.yaml"), Catalog(), {swarm});
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Profile, ReadsEveryForm) {
  Profile p = Profile::parse(R"(
data: state
lab: true
log: warning
plugin_path: [./mine, /opt/argot]
plugins:
  network: os
  transport: {use: swarm, nodes: [a, b], poll_interval: 1s}
  crypto: [session, {use: ratchet}]
  app: [{use: ./mine.so, as: other}]
)",
                             "p.yaml", "/etc/argot");
  EXPECT_TRUE(p.problems.empty());
  EXPECT_EQ(p.data, "/etc/argot/state");
  EXPECT_TRUE(p.lab);
  EXPECT_EQ(p.log, LogLevel::warning);
  EXPECT_THAT(p.plugin_path, ElementsAre("/etc/argot/mine", "/opt/argot"));
  ASSERT_EQ(p.plugins.size(), 5u);
  EXPECT_EQ(p.plugins[0].use, "os");
  EXPECT_EQ(p.plugins[1].options[0].items.size(), 2u);
  EXPECT_EQ(p.plugins[1].options[1].scalar, "1s");
  EXPECT_EQ(p.plugins[1].options[1].at.text(), "p.yaml:8:42");
  EXPECT_EQ(p.plugins[3].use, "ratchet");
  EXPECT_EQ(p.plugins[4].use, "/etc/argot/mine.so");
  EXPECT_EQ(p.plugins[4].as, "other");
}

TEST(Profile, NamesFileLineAndColumnOfASyntaxError) {
  EXPECT_THAT(problems("plugins:\n  network: [os\nlab: true\n"), HasSubstr("p.yaml:3:"));
  EXPECT_THAT(problems("a: b: c"), HasSubstr("p.yaml:1:5: This is not valid YAML: illegal map value."));
  EXPECT_THAT(problems(""), HasSubstr("The profile is empty"));
  EXPECT_THAT(problems("- a\n- b\n"),
              HasSubstr("p.yaml:1:1: A profile is a map of keys such as plugins:, but this is a list."));
  EXPECT_THAT(problems(std::string(100'000, '[')), HasSubstr("This is not valid YAML"));
  EXPECT_THAT(problems(std::string(2'000'000, ' ')), HasSubstr("larger than"));
}

TEST(Profile, AnUnknownKeyIsNamedWithTheNearestAndTheAllowedOnes) {
  EXPECT_EQ(problems("dta: x\n"),
            "p.yaml:1:1: Unknown key \"dta\". Did you mean \"data\"? Allowed: data, lab, log, plugin_path, plugins, "
            "workers.");
  EXPECT_EQ(problems("plugins:\n  transprot: swarm\n"),
            "p.yaml:2:14: There is no kind of plugin \"transprot\". Did you mean \"transport\"? "
            "Allowed: network, directory, storage, crypto, transport, media, app.");
  EXPECT_EQ(problems("plugins:\n  transport: {use: swarm, nodes: [], pol_interval: 5s}\n"),
            "p.yaml:2:38: The plugin transport/swarm has no option \"pol_interval\". Did you mean \"poll_interval\"? "
            "Allowed: nodes, poll_interval, retries, tls, buffer, label, use, as.");
}

TEST(Profile, AWrongTypeSaysWhatWasFoundAndWhatIsAllowed) {
  auto with = [](const char* option) {
    return problems(std::string("plugins:\n  transport:\n    use: swarm\n    nodes: []\n    ") + option + "\n");
  };
  EXPECT_EQ(
      with("poll_interval: fast"),
      "p.yaml:5:20: poll_interval: of transport/swarm must be a duration (like 250ms, 5s, 2h), but this is \"fast\".");
  EXPECT_EQ(with("retries: 3.5"),
            "p.yaml:5:14: retries: of transport/swarm must be a whole number, but this is \"3.5\".");
  EXPECT_EQ(with("retries: [1, 2]"),
            "p.yaml:5:14: retries: of transport/swarm must be a whole number, but this is a list.");
  EXPECT_EQ(with("tls: maybe"), "p.yaml:5:10: tls: of transport/swarm must be true or false, but this is \"maybe\".");
  EXPECT_EQ(with("buffer: big"),
            "p.yaml:5:13: buffer: of transport/swarm must be a size (like 64KiB, 10MB), but this is \"big\".");
  EXPECT_EQ(with("label: {a: b}"), "p.yaml:5:12: label: of transport/swarm must be text, but this is a map.");
  EXPECT_THAT(with("label:"), HasSubstr("label: of transport/swarm must be text, but this is nothing."));
  EXPECT_EQ(problems("plugins:\n  transport: {use: swarm, nodes: a}\n"),
            "p.yaml:2:34: nodes: of transport/swarm must be a list of texts, but this is \"a\".");
  EXPECT_THAT(problems("lab: yes please\n"),
              HasSubstr("p.yaml:1:6: lab: must be true or false, but this is \"yes please\"."));
  EXPECT_THAT(problems("log: inof\n"), HasSubstr("Did you mean \"info\"? Allowed: debug, info, warning, error."));
}

TEST(Profile, AMissingRequiredOptionIsNamedWithItsMeaning) {
  EXPECT_EQ(
      problems("plugins:\n  transport: swarm\n"),
      "p.yaml:2:14: The plugin transport/swarm needs the option \"nodes\" (a list of texts): Addresses of nodes.");
}

TEST(Profile, ReportsEverythingAtOnceUpToTwentyProblems) {
  std::string three = problems("lba: true\nlog: loud\nplugins:\n  transport: {use: swarm, retries: x}\n");
  EXPECT_EQ(std::count(three.begin(), three.end(), '\n'), 3);
  EXPECT_THAT(three, HasSubstr("p.yaml:1:1: Unknown key \"lba\""));
  EXPECT_THAT(three, HasSubstr("p.yaml:2:6: log: must be a level"));
  EXPECT_THAT(three, HasSubstr("p.yaml:4:36: retries:"));
  EXPECT_THAT(three, HasSubstr("p.yaml:4:14: The plugin transport/swarm needs the option \"nodes\""));
  std::string many;
  for (int i = 0; i < 30; ++i) many += "key" + std::to_string(i) + ": 1\n";
  std::string text = problems(many);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
  EXPECT_THAT(text, HasSubstr("And 10 more problems."));
}

TEST(Profile, WhatCannotBeMeantIsRefused) {
  EXPECT_THAT(problems("lab: true\nlab: false\n"), HasSubstr("p.yaml:2:1: The key \"lab\" is given twice."));
  EXPECT_THAT(problems("plugins:\n  network: [os, sim]\n"),
              HasSubstr("Only one network plugin can be loaded, but 2 are listed."));
  EXPECT_THAT(problems("plugins:\n  network:\n"), HasSubstr("p.yaml:2:3: network: must name a plugin"));
  EXPECT_THAT(problems("plugins:\n  network: {poll: 1}\n"), HasSubstr("does not say which plugin: use: is missing."));
  EXPECT_THAT(problems("plugins: [a]\n"), HasSubstr("plugins: must be a map"));
  EXPECT_THAT(problems("{plugins: {transport: {use: swarm, nodes: [], as: Bad Name}}}"),
              HasSubstr("as: \"Bad Name\" is no name"));
  EXPECT_THAT(problems("plugins: {network: os}"),
              HasSubstr("There is no network plugin called \"os\". No network plugin was found at all."));
  EXPECT_THAT(problems("plugins: {network: /nowhere/os.so}"), HasSubstr("There is no file /nowhere/os.so."));
}

TEST(Profile, ValuesCanBeSetFromTheCommandLine) {
  Profile p = Profile::parse(
      "plugins: {transport: {use: swarm, retries: 3}, app: [{use: echo}, {use: echo, as: second}]}", "p.yaml");
  p.set("lab=true");
  p.set("transport.retries=7");
  p.set("transport.nodes=[a, b]");
  p.set("app.second.greeting=hello = world");
  EXPECT_TRUE(p.lab);
  EXPECT_EQ(p.plugins[0].options.size(), 2u);
  EXPECT_EQ(p.plugins[0].options[0].scalar, "7");
  EXPECT_THAT(p.plugins[0].options[1].items, ElementsAre("a", "b"));
  EXPECT_TRUE(p.plugins[1].options.empty());
  EXPECT_EQ(p.plugins[2].options[0].scalar, "hello = world");
  p.set("transport=loopback");
  EXPECT_EQ(std::count_if(p.plugins.begin(), p.plugins.end(), [](const auto& u) { return u.kind == "transport"; }), 1);
  EXPECT_EQ(p.plugins.back().use, "loopback");
  EXPECT_EQ(p.plugins.back().at.text(), "--set transport=loopback");
}

TEST(Profile, ValuesCanBeSetFromTheEnvironment) {
  ::setenv("ARGOT_SET", "lab=true;transport.retries=9\nlog=debug\n", 1);
  Profile p = Profile::parse("plugins: {transport: swarm}", "p.yaml");
  p.set_from_environment();
  ::unsetenv("ARGOT_SET");
  EXPECT_TRUE(p.lab);
  EXPECT_EQ(p.log, LogLevel::debug);
  EXPECT_EQ(p.plugins[0].options.at(0).scalar, "9");
  p.set_from_environment();
}

TEST(Profile, ASettingThatLeadsNowhereIsAnError) {
  Profile p = Profile::parse("plugins: {transport: swarm, app: [{use: echo}, {use: echo, as: second}]}", "p.yaml");
  auto refusal = [&](const char* assignment) {
    try {
      p.set(assignment);
    } catch (const Error& error) {
      return error.sentence();
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refusal("nonsense"), HasSubstr("--set nonsense: There is no \"key=value\" in it."));
  EXPECT_THAT(refusal("transprot.a=1"), HasSubstr("Unknown key \"transprot\". Did you mean \"transport\"?"));
  EXPECT_THAT(refusal("app.greeting=x"),
              HasSubstr("The profile loads 2 app plugins. Say which: app.NAME.greeting, NAME one of echo, second."));
  EXPECT_THAT(refusal("app.secnd.greeting=x"), HasSubstr("Did you mean \"second\"?"));
  EXPECT_THAT(refusal("storage.path=x"), HasSubstr("The profile loads no storage plugin."));
  EXPECT_THAT(refusal("lab=perhaps"), HasSubstr("lab: must be true or false, but this is \"perhaps\"."));
  EXPECT_THAT(refusal("transport.a=[1"), HasSubstr("The value is not valid YAML"));
  EXPECT_THAT(refusal("a.b.c.d=1"), HasSubstr("Unknown key \"a\""));
  EXPECT_TRUE(p.problems.empty()) << "what was refused left nothing behind";
}

TEST(Profile, AProfileThatIsNotThereIsAnError) {
  EXPECT_THROW(Profile::load("/nowhere/p.yaml"), Error);
  EXPECT_THROW(Profile::load("/"), Error);
}

}  // namespace
}  // namespace argot::kernel
