// Plugins that cannot be loaded, found, made or started: named, with what to do; nothing that had started is left.
#include <argot/descriptor.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "scene.h"

namespace argot::e2e {
namespace {

using testing::HasSubstr;

class PluginFaults : public Scene {
 protected:
  static fs::path fixtures() { return build_dir() / "tests" / "host-fixtures"; }
  static fs::path left() { return fixtures() / "usual/transport/left.so"; }
  /// A profile that finds the fixtures.
  Result run(const std::string& plugins, const fs::path& where = fixtures() / "usual") {
    const fs::path file = write("p.yaml", "log: info\nlab: true\ndata: " + path("data").string() +
                                              "\nplugin_path: " + where.string() + "\nplugins: " + plugins + "\n");
    return argot({"run", file.string()});
  }
  /// What running, inspecting and checking this file say.
  void refused(const fs::path& file, std::vector<std::string> parts) {
    parts.push_back(file.string());
    EXPECT_TRUE(fails_with(run("{transport: " + file.string() + "}"), parts));
    EXPECT_TRUE(fails_with(argot({"plugin", "info", file.string()}), parts));
    EXPECT_TRUE(fails_with(argot({"plugin", "check", file.string()}), parts));
  }
  /// left.so with its note changed by `change`.
  template <class F> fs::path patched(F change) {
    std::string bytes = read(left());
    for (std::size_t at = 0;
         (at = bytes.find(std::string_view(note::magic, sizeof note::magic), at)) != std::string::npos; ++at) {
      note::Note note;
      if (bytes.size() - at < sizeof note) break;
      std::memcpy(&note, bytes.data() + at, sizeof note);
      if (note.size != sizeof note) continue;
      change(note);
      std::memcpy(bytes.data() + at, &note, sizeof note);
      break;
    }
    return write("transport/left.so", bytes);
  }
};

TEST_F(PluginFaults, AFileThatIsNoLibraryIsNamed) {
  refused(path("nowhere.so"), {"There is no file"});
  refused(write("empty.so", ""), {"is empty, so it is no plugin"});
  refused(write("text.so", "#!/bin/sh\n"), {"is not a shared library"});
  const std::string whole = read(left());
  refused(write("half.so", whole.substr(0, whole.size() / 2)), {"is truncated or damaged"});
  fs::create_directory(path("folder.so"));
  refused(path("folder.so"), {"folder.so"});
}

TEST_F(PluginFaults, ALibraryWithoutTheSymbolsIsNamed) {
  refused(fixtures() / "plain.so", {"no Argot plugin", "no plugin note"});
  const Result result = run("{transport: " + (fixtures() / "doorless.so").string() + "}");
  EXPECT_TRUE(fails_with(result, {"has a note but no door", "argot_door_1 is missing"}));
}

TEST_F(PluginFaults, APluginOfAnotherAbiOrToolchainIsRefusedWithBothSides) {
  refused(patched([](note::Note& n) { n.magic_[7] = '9'; }), {"\"ARGOTNT9\"", "\"ARGOTNT1\""});
  auto with = [](note::Note& n, const std::string& what, const std::string& other) {
    std::string text(n.fingerprint);
    const std::size_t at = text.find(what);
    if (at == std::string::npos) return;
    text.replace(at, other.size(), other);
    std::strncpy(n.fingerprint, text.c_str(), sizeof n.fingerprint - 1);
  };
  refused(patched([&](note::Note& n) { with(n, "sdk ", "sdk 0123456789ab"); }),
          {"Plugin transport/left 1.0.0", "was built differently from this program", "0123456789ab", "Build it again"});
}

TEST_F(PluginFaults, AMissingRequirementSaysWhatWouldMeetIt) {
  EXPECT_TRUE(
      fails_with(run("{app: courier}"), {"app/courier 1.0.0 needs transport/1, which nothing in the profile provides",
                                         "Add one of these to the profile", "transport/left"}));
}

TEST_F(PluginFaults, ACircularRequirementNamesTheCircle) {
  EXPECT_TRUE(fails_with(run("{app: courier, directory: circle, transport: round}"),
                         {"in a circle", "transport/round 1.0.0 needs directory/1", "which needs transport/1",
                          "in place of one of them"}));
}

TEST_F(PluginFaults, TwoPluginsOfOneNameNameBothFiles) {
  const Result result =
      run("{app: twin}", "[" + (fixtures() / "twins-a").string() + ", " + (fixtures() / "twins-b").string() + "]");
  EXPECT_TRUE(fails_with(
      result, {"Two files carry the app plugin \"twin\"", "twins-a/app/twin-a.so", "twins-b/app/twin-b.so"}));
  EXPECT_TRUE(fails_with(run("{app: [actor, actor]}"), {"Two app plugins are called \"actor\"", "as: NAME"}));
}

TEST_F(PluginFaults, APluginThatCannotBeMadeIsNamedAndNothingStarts) {
  const Result result = run("{directory: thrower, app: actor}");
  EXPECT_TRUE(
      fails_with(result, {"directory/thrower 1.0.0", "thrower.so", "could not be created: no disk in drive A"}));
  EXPECT_THAT(result.err, Not(HasSubstr("actor: started")));
}

TEST_F(PluginFaults, APluginThatFailsInStartStopsTheOthersInReverseOrder) {
  const Result result =
      run("{app: [{use: actor, as: one}, {use: actor, as: two}, "
          "{use: actor, as: three, mode: foreign-exception}, {use: actor, as: four}]}");
  EXPECT_TRUE(fails_with(result, {"app/actor 1.0.0 as three could not start: index 7 of 5."}));
  std::vector<std::string> order;
  std::istringstream lines(result.err);
  for (std::string line; std::getline(lines, line);)
    for (const char* what : {": started", ": stopped"})
      if (line.ends_with(what)) order.push_back(line.substr(line.rfind(' ', line.size() - std::strlen(what)) + 1));
  EXPECT_THAT(order,
              testing::ElementsAre("one: started", "two: started", "three: started", "two: stopped", "one: stopped"));
}

TEST_F(PluginFaults, ARemedyThatAPluginGivesReachesThePerson) {
  EXPECT_TRUE(fails_with(run("{transport: {use: left, refuse: true}}"),
                         {"transport/left 1.0.0 could not start: The post office is closed. Come back tomorrow."}));
}

TEST_F(PluginFaults, AMistypedVerbIsAnsweredWithTheNearest) {
  for (const auto& [typed, meant] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"plugin", "infoo", "swarm"}, "info"},
           {{"plugn", "list"}, "plugin"},
           {{"plugin", "lst"}, "list"},
           {{"account", "nwe"}, "new"},
           {{"hsitory"}, "history"},
           {{"send", "--passprase-file", "x"}, "--passphrase-file"}}) {
    const Result result = argot(typed);
    EXPECT_TRUE(fails_with(result, {"Did you mean \"" + meant + "\"?"})) << typed.back();
  }
  EXPECT_TRUE(fails_with(argot({"plugin"}), {"list, info, new, check, swap"}));
  EXPECT_TRUE(fails_with(argot({"plugin", "info", "swrm"}), {"There is no plugin swrm.", "Did you mean \"swarm\"?"}));
  EXPECT_TRUE(fails_with(argot({"frobnicate"}), {"frobnicate", "--help"}));
  EXPECT_EQ(argot({"--help"}).code, 0);
  EXPECT_EQ(argot({"plugin", "--help"}).code, 0);
  EXPECT_EQ(argot({"--version"}).code, 0);
}

}  // namespace
}  // namespace argot::e2e
