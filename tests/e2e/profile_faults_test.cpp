// Mistakes in a profile, through the program: file, line and column, what was found and what is allowed.
#include "scene.h"

namespace argot::e2e {
namespace {

using testing::HasSubstr;

class ProfileFaults : public Scene {
 protected:
  /// What `argot run` says of a profile with this text, from the file's name on.
  Result run(const std::string& text, std::vector<std::string> more = {}) {
    file = write("p.yaml", text).string();
    more.insert(more.begin(), {"run", file});
    return argot(more);
  }
  testing::AssertionResult refuses(const std::string& text, const std::string& place, std::vector<std::string> parts) {
    const Result result = run(text);
    parts.push_back(file + ":" + place + ": ");
    parts.push_back("Correct " + file + " and start again.");
    return fails_with(result, parts);
  }
  std::string file;
};

TEST_F(ProfileFaults, ASyntaxErrorHasItsPlace) {
  EXPECT_TRUE(refuses("plugins:\n  network: [os\nlab: true\n", "3:4", {"This is not valid YAML"}));
  EXPECT_TRUE(refuses("a: b: c", "1:5", {"This is not valid YAML"}));
  EXPECT_TRUE(refuses("plugins:\n\tnetwork: os\n", "2:9", {"This is not valid YAML"}));
  EXPECT_TRUE(refuses("plugins: \"network\n", "1:10", {"plugins: must be a map"}));
}

TEST_F(ProfileFaults, AnUnknownKeyHasItsPlaceAndTheNearestKey) {
  EXPECT_TRUE(refuses(
      "dta: /tmp\nplugins: {network: os}\n", "1:1",
      {"Unknown key \"dta\".", "Did you mean \"data\"?", "Allowed: data, lab, log, plugin_path, plugins, workers."}));
  EXPECT_TRUE(
      refuses("plugins:\n  netwrok: os\n", "2:12", {"no kind of plugin \"netwrok\"", "Did you mean \"network\"?"}));
  EXPECT_TRUE(
      refuses("plugins:\n  network: ox\n", "2:12", {"no network plugin called \"ox\"", "Did you mean \"os\"?"}));
  EXPECT_TRUE(refuses("plugins:\n  network: {use: os, connect_timout: 5s}\n", "2:22",
                      {"no option \"connect_timout\"", "Did you mean \"connect_timeout\"?"}));
  EXPECT_TRUE(refuses("lab: true\nlab: true\nplugins: {network: os}\n", "2:1", {"\"lab\" is given twice"}));
}

TEST_F(ProfileFaults, AWrongTypeHasItsPlaceAndWhatIsAllowed) {
  EXPECT_TRUE(refuses("plugins:\n  network:\n    use: os\n    connect_timeout: soon\n", "4:22",
                      {"must be a duration (like 250ms, 5s, 2h)", "\"soon\""}));
  EXPECT_TRUE(refuses("plugins:\n  network: os\n  app: {use: session-node, rate_limit: 7}\n", "3:40",
                      {"must be true or false", "\"7\""}));
  EXPECT_TRUE(refuses("plugins: [network, os]\n", "1:10", {"plugins: must be a map", "a list"}));
  EXPECT_TRUE(refuses("log: loud\nplugins: {network: os}\n", "1:6", {"log: must be a level", "debug, info"}));
  EXPECT_TRUE(refuses("data: [a]\nplugins: {network: os}\n", "1:7", {"data: must be the path of a directory"}));
}

TEST_F(ProfileFaults, AMissingValueHasItsPlaceAndItsMeaning) {
  EXPECT_TRUE(refuses("plugins:\n  network:\n", "2:3", {"network: must name a plugin"}));
  EXPECT_TRUE(refuses("plugins:\n  network: {connect_timeout: 5s}\n", "2:12", {"use: is missing"}));
  EXPECT_TRUE(refuses("plugins:\n  network: os\n  app: terminal\n", "3:8",
                      {"needs the option \"peer\" (text): account ID to talk to"}));
}

TEST_F(ProfileFaults, AllMistakesAreToldAtOnce) {
  const Result result = run("lab: perhaps\nlog: loud\nplugins:\n  network: ox\n  app: {use: echo, as: Mine}\n");
  EXPECT_TRUE(fails_with(result, {file + ":1:6: ", file + ":2:6: ", file + ":4:12: ", file + ":5:8: "}));
}

TEST_F(ProfileFaults, AFileThatCannotBeReadIsNamed) {
  EXPECT_TRUE(
      fails_with(argot({"run", path("nowhere.yaml").string()}), {path("nowhere.yaml").string(), "Check the path"}));
  EXPECT_TRUE(fails_with(argot({"run", path("").string()}), {"is a directory, not a profile"}));
  EXPECT_TRUE(fails_with(run(""), {file, "The profile is empty"}));
  EXPECT_TRUE(fails_with(run("plugins: {}\n"), {file, "The profile loads no plugin"}));
  EXPECT_TRUE(fails_with(argot({"run"}), {"profile.yaml does not exist", "--profile"}));
}

TEST_F(ProfileFaults, ASettingOnTheCommandLineIsQuoted) {
  const std::string good = "plugins: {network: os}\n";
  EXPECT_TRUE(fails_with(run(good, {"--set", "nonsense"}), {"--set nonsense: ", "There is no \"key=value\" in it."}));
  EXPECT_TRUE(fails_with(run(good, {"--set", "netwrok.a=1"}), {"--set netwrok.a=1: ", "Did you mean \"network\"?"}));
  EXPECT_TRUE(fails_with(run(good, {"--set", "network.connect_timeout=soon"}),
                         {"--set network.connect_timeout=soon: ", "must be a duration"}));
}

TEST_F(ProfileFaults, ValuesThatOnlyThePluginUnderstandsAreNamedByIt) {
  auto client = [](const std::string& directory, const std::string& transport) {
    return "plugins:\n  network: os\n  directory: {use: static, " + directory + "}\n  transport: {use: swarm" +
           transport + "}\n  crypto: [session]\n  storage: memory\n";
  };
  EXPECT_TRUE(fails_with(run(client("nodes: [\"here:99999 aa\"]", "")), {"directory/static", "port"}));
  EXPECT_TRUE(fails_with(run(client("nodes: [\"here:1 aa\"]", "")), {"directory/static", "64 hex digits"}));
  EXPECT_TRUE(fails_with(run(client("file: " + path("gone").string(), "")), {path("gone").string(), "cannot be read"}));
  write("list", "# nothing\n\n127.0.0.1 x\n");
  EXPECT_TRUE(fails_with(run(client("file: " + path("list").string(), "")), {"Line 3 of " + path("list").string()}));
  const std::string node = "nodes: [\"127.0.0.1:1 58" + std::string(62, '6') + "\"]";
  EXPECT_TRUE(fails_with(run(client(node, ", poll_interval: 1h")), {"poll_interval", "between 10ms and 60s"}));
  EXPECT_TRUE(fails_with(run("plugins:\n  network: os\n  app: {use: session-node, listen: nowhere}\n"), {"nowhere"}));
}

}  // namespace
}  // namespace argot::e2e
