// What stands around a plugin in a check: read from a file, or found out.
#include <kernel/check/surroundings.h>

#include <gmock/gmock.h>

#include <fstream>

#include <unistd.h>

namespace argot::kernel {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

CatalogEntry subject(std::string kind, std::string name, std::string needs = "") {
  CatalogEntry entry;
  entry.file = "/plugins/" + kind + "/" + name + ".so";
  entry.info.kind = std::move(kind);
  entry.info.name = std::move(name);
  entry.info.version = "1.0.0";
  entry.info.needs = split_words(needs);
  return entry;
}

class SurroundingsFile : public testing::Test {
 public:
  ~SurroundingsFile() override { fs::remove(path_); }
  Surroundings read(const std::string& text, const CatalogEntry& who = subject("transport", "mine")) {
    std::ofstream(path_) << text;
    return Surroundings::read(path_, who);
  }
  std::string refusal(const std::string& text) {
    try {
      read(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was refused";
  }
  static std::string used(const Profile& profile, std::string_view kind) {
    std::string out;
    for (const PluginUse& use : profile.plugins)
      if (use.kind == kind) out += use.use + " ";
    return out;
  }

 private:
  fs::path path_ = fs::path(testing::TempDir()) / ("surroundings-" + std::to_string(::getpid()) + ".yaml");
};

TEST_F(SurroundingsFile, MakesAHostForEachOfACount) {
  const Surroundings s = read(
      "hosts: [{name: node, count: 3, profile: {plugins: {app: {use: x, listen: \"{host}:1\", key: \"{n}{n}\"}}}}, "
      "{name: other, profile: {lab: true}}]\n");
  ASSERT_EQ(s.nodes().size(), 4u);
  EXPECT_EQ(s.nodes()[1].host, "node-2");
  EXPECT_EQ(s.nodes()[3].host, "other");
  const PluginUse& use = s.nodes()[1].profile.plugins.at(0);
  EXPECT_EQ(use.options.at(0).scalar, "node-2:1");
  EXPECT_EQ(use.options.at(1).scalar, "22");
}

TEST_F(SurroundingsFile, PutsThePluginUnderExaminationInItsPlace) {
  EXPECT_EQ(used(read("client: {plugins: {network: sim}}\n").client(0, "c"), "transport"),
            "/plugins/transport/mine.so ");
  const Profile with_options = read("client: {plugins: {transport: {poll: 1s}}}\n").client(0, "c");
  EXPECT_EQ(used(with_options, "transport"), "/plugins/transport/mine.so ");
  EXPECT_EQ(with_options.plugins.at(0).options.size(), 1u);
  const Profile several =
      read("client: {plugins: {crypto: [session, {use: mine, strict: true}]}}\n", subject("crypto", "mine"))
          .client(0, "c");
  EXPECT_EQ(used(several, "crypto"), "session /plugins/crypto/mine.so ");
  const Profile beside = read("client: {plugins: {crypto: session}}\n", subject("crypto", "mine")).client(0, "c");
  EXPECT_EQ(used(beside, "crypto"), "session /plugins/crypto/mine.so ");
}

TEST_F(SurroundingsFile, KnowsWhoOnlyListensAndWhetherThereAreAccounts) {
  const Surroundings s = read("hosts: [{name: tty, listens: 23}]\naccount: true\nclient: {}\n");
  ASSERT_EQ(s.nodes().size(), 1u);
  EXPECT_EQ(s.nodes()[0].listens, 23);
  EXPECT_TRUE(s.account());
  EXPECT_FALSE(read("client: {}\n").account());
  EXPECT_THAT(refusal("account: perhaps\n"), HasSubstr(":1:10: account: must be true or false."));
  EXPECT_THAT(refusal("hosts:\n  - {name: tty, listens: 0}\n"), HasSubstr("listens: must be a port"));
  EXPECT_THAT(refusal("hosts:\n  - {name: tty, listens: 23, profile: {}}\n"), HasSubstr("either a profile: or a port"));
}

TEST_F(SurroundingsFile, KnowsWhetherThereIsANetwork) {
  EXPECT_TRUE(read("client: {plugins: {network: sim}}\n").has_network());
  EXPECT_FALSE(read("client: {}\n").has_network());
}

TEST_F(SurroundingsFile, SaysWhereItIsWrong) {
  EXPECT_THAT(refusal("clients: {}\n"), HasSubstr(":1:1: Unknown key \"clients\""));
  EXPECT_THAT(refusal("hosts:\n  - {name: x}\n"), HasSubstr(":2:5: A host has a name: and either a profile:"));
  EXPECT_THAT(refusal("hosts:\n  - {name: x, count: many, profile: {}}\n"), HasSubstr("count: must be a number"));
  EXPECT_THAT(refusal("hosts:\n  - {name: x, count: 1000, profile: {}}\n"), HasSubstr("count: must be a number"));
  EXPECT_THAT(refusal("hosts: {a: b}\n"), HasSubstr("hosts: must be a list"));
  EXPECT_THAT(refusal("client: [a]\n"), HasSubstr("client: must be a profile"));
  EXPECT_THAT(refusal("client: {plugins: x}\n"), HasSubstr("plugins: must be a map"));
  EXPECT_THAT(refusal("a: [\n"), HasSubstr("not valid YAML"));
  EXPECT_THAT(refusal("just words\n"), HasSubstr("Surroundings are a map"));
}

TEST(Surroundings, SaysWhatNobodyProvides) {
  try {
    Surroundings::standard(subject("transport", "mine", "tunnel/1"), Catalog());
    FAIL() << "it was not refused";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("transport/mine 1.0.0 needs tunnel/1"));
    EXPECT_THAT(error.remedy(), HasSubstr("--profile"));
  }
}

}  // namespace
}  // namespace argot::kernel
