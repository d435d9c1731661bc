#include "static_directory.h"

#include <sdk/testing/bare_context.h>

#include <argot/identity.h>

#include <gmock/gmock.h>

#include <fstream>

namespace argot::static_directory {
namespace {

using testing::HasSubstr;

std::string key(Byte seed) { return to_hex(make_identity(Secret(Bytes(32, seed)))->ed25519_public()); }

class StaticDirectoryTest : public testing::Test {
 public:
  StaticDirectoryTest() { ctx_.change_settings().set("nodes", std::vector<std::string>()); }
  ~StaticDirectoryTest() override { std::filesystem::remove(file_); }
  void write(std::string text) { std::ofstream(file_) << text; }
  void use_file() { ctx_.change_settings().set("file", file_.string()); }
  Error start_error() {
    try {
      ctx_.run(directory_.start(ctx_));
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "it started";
    return Error(Code::internal, "");
  }
  kit::BareWorld world_;
  kit::BareContext ctx_{world_};
  StaticDirectory directory_;
  std::filesystem::path file_ = std::filesystem::path(testing::TempDir()) /
                                (std::string("nodes-") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(StaticDirectoryTest, KnowsTheNodesOfTheProfile) {
  ctx_.change_settings().set("nodes", std::vector<std::string>{"a:1 " + key(1), "b:2 " + key(2)});
  ctx_.run(directory_.start(ctx_));
  EXPECT_EQ(directory_.nodes().size(), 2u);
  EXPECT_EQ(directory_.generation(), 1u);
  ctx_.run(directory_.refresh());
  EXPECT_EQ(directory_.generation(), 1u);
}

TEST_F(StaticDirectoryTest, NamesTheEntryThatIsWrong) {
  ctx_.change_settings().set("nodes", std::vector<std::string>{"a:1 " + key(1), "b " + key(2)});
  EXPECT_THAT(start_error().what(), HasSubstr("Line 2 of the option nodes has no port"));
}

TEST_F(StaticDirectoryTest, ReadsTheFileAgainOnRefresh) {
  use_file();
  write("a:1 " + key(1));
  ctx_.run(directory_.start(ctx_));
  write("a:1 " + key(1) + "\nb:2 " + key(2));
  ctx_.run(directory_.refresh());
  EXPECT_EQ(directory_.nodes().size(), 2u);
  EXPECT_EQ(directory_.generation(), 2u);
  ctx_.run(directory_.refresh());
  EXPECT_EQ(directory_.generation(), 2u);  // nothing changed
}

TEST_F(StaticDirectoryTest, KeepsTheOldListWhenTheFileGoesBad) {
  use_file();
  write("a:1 " + key(1));
  ctx_.run(directory_.start(ctx_));
  for (const char* bad : {"nonsense", "", "# only a comment"}) {
    write(bad);
    try {
      ctx_.run(directory_.refresh());
      ADD_FAILURE() << "took " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::unavailable);
      EXPECT_THAT(error.what(), HasSubstr(file_.string()));
    }
    EXPECT_EQ(directory_.nodes().size(), 1u);
    EXPECT_EQ(directory_.generation(), 1u);
  }
}

TEST_F(StaticDirectoryTest, SaysThatTheFileIsMissing) {
  use_file();
  const Error error = start_error();
  EXPECT_EQ(error.code(), Code::not_found);
  EXPECT_THAT(error.what(), HasSubstr(file_.string()));
}

TEST_F(StaticDirectoryTest, WantsExactlyOneSource) {
  EXPECT_THAT(start_error().what(), HasSubstr("names no service nodes"));
  use_file();
  ctx_.change_settings().set("nodes", std::vector<std::string>{"a:1 " + key(1)});
  EXPECT_THAT(start_error().what(), HasSubstr("both"));
}

}  // namespace
}  // namespace argot::static_directory
