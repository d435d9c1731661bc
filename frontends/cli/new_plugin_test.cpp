#include "new_plugin.h"

#include <argot/error.h>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace argot::cli {
namespace {

namespace fs = std::filesystem;

class NewPlugin : public testing::Test {
 protected:
  NewPlugin()
      : folder_(fs::path(testing::TempDir()) /
                ("new_plugin_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + "_" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(templates() / "bot");
    fs::create_directories(templates() / "transport");
    std::ofstream(templates() / "bot" / "@NAME@.cpp.in") << "class @CLASS@ {};  // @NAME@ @OTHER@";
    std::ofstream(templates() / "bot" / "notes.txt") << "not part of the template";
  }
  ~NewPlugin() override { fs::remove_all(folder_); }

  fs::path templates() const { return folder_ / "templates"; }
  fs::path into() const { return folder_ / "into"; }
  fs::path make(const std::string& kind, const std::string& name) {
    return new_plugin_from(templates(), kind, name, into());
  }
  Error refusal(const std::string& kind, const std::string& name) {
    try {
      make(kind, name);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error for " << kind << " " << name;
    return {Code::internal, "none"};
  }
  fs::path folder_;
};

TEST_F(NewPlugin, FillsInTheNameInFilesAndTheirNames) {
  const fs::path project = make("bot", "my-first-bot2");
  std::ifstream in(project / "my-first-bot2.cpp");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "class MyFirstBot2 {};  // my-first-bot2 @OTHER@");
  EXPECT_FALSE(fs::exists(project / "notes.txt"));
}

TEST_F(NewPlugin, SuggestsTheNearestKind) {
  const Error error = refusal("transprot", "mine");
  EXPECT_EQ(error.code(), Code::invalid_argument);
  EXPECT_NE(error.sentence().find("Did you mean \"transport\"?"), std::string::npos) << error.sentence();
}

TEST_F(NewPlugin, RefusesNamesThatAreNoNames) {
  for (const char* bad : {"", "Mine", "my_bot", "2bot", "-bot", "bot-", "my--bot", "../evil", "a/b", "böt", "x.y",
                          "a-name-of-more-than-thirty-two-characters"})
    EXPECT_EQ(refusal("bot", bad).code(), Code::invalid_argument) << bad;
  EXPECT_FALSE(fs::exists(into()));
}

TEST_F(NewPlugin, NeverWritesOverWhatIsThere) {
  make("bot", "mine");
  std::ofstream(into() / "mine" / "mine.cpp") << "changed";
  const Error error = refusal("bot", "mine");
  EXPECT_EQ(error.code(), Code::already_exists);
  EXPECT_NE(error.sentence().find((into() / "mine").string()), std::string::npos) << error.sentence();
  std::ifstream in(into() / "mine" / "mine.cpp");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "changed");
}

TEST_F(NewPlugin, SaysWhichFolderCannotBeMade) {
  fs::create_directories(folder_);
  std::ofstream(into()) << "a file is in the way";
  EXPECT_EQ(refusal("bot", "mine").code(), Code::permission_denied);
}

}  // namespace
}  // namespace argot::cli
