// Opening a store: who may, who may not, and what they are told.
#include "database.h"
#include "test_store.h"

#include <gmock/gmock.h>

#include <sys/stat.h>
#include <sys/wait.h>

namespace argot::sqlite {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Runs in a child process; true when `run` gave true there.
bool in_child(const std::function<bool()>& run) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

unsigned mode_of(const fs::path& path) {
  struct stat known;
  return ::stat(path.c_str(), &known) == 0 ? known.st_mode & 0777 : 0;
}

std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (auto& entry : fs::directory_iterator(folder)) out[entry.path().filename()] = read_file(entry.path());
  return out;
}

TEST_F(StoreTest, only_the_owner_may_read_its_files) {
  fs::create_directory(folder_);
  ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
  auto store = open();
  furnish(*store);
  EXPECT_EQ(mode_of(folder_), 0700u);
  EXPECT_EQ(files_in(folder_).size(), 3u);  // database, write-ahead log, lock
  for (auto& [name, content] : files_in(folder_)) EXPECT_EQ(mode_of(folder_ / name), 0600u) << name;
}

TEST_F(StoreTest, leaves_one_database_and_the_lock_when_closed) {
  furnish(*open());
  EXPECT_EQ(files_in(folder_).size(), 2u);
}

TEST_F(StoreTest, names_the_process_that_has_it_open) {
  auto store = open();
  const std::string holder = "process " + std::to_string(::getpid());
  EXPECT_TRUE(in_child([&] {
    const std::string told = error_of([&] { open(); });
    return told.starts_with("already_exists") && told.find(holder) != std::string::npos;
  }));
  EXPECT_THAT(error_of([&] { open(); }), AllOf(StartsWith("already_exists"), HasSubstr(holder)));
  furnish(*store);
}

TEST_F(StoreTest, is_free_again_when_its_process_is_gone) {
  EXPECT_TRUE(in_child([&] { return open().release() != nullptr; }));  // ends without closing
  EXPECT_EQ(error_of([&] { open(); }), "nothing");
}

TEST_F(StoreTest, refuses_a_wrong_key_and_changes_nothing) {
  furnish(*open());
  Secret wrong(32);
  wrong.data()[31] = 1;
  const auto before = files_in(folder_);
  EXPECT_THAT(error_of([&] { open_store(folder_, wrong); }), StartsWith("unauthenticated"));
  EXPECT_EQ(files_in(folder_), before);
}

TEST_F(StoreTest, refuses_a_wrong_key_after_a_crash_and_changes_nothing) {
  auto store = open();
  furnish(*store);
  const fs::path crashed = copy_of(folder_);
  ASSERT_GT(fs::file_size(crashed / "account.db-wal"), 0u);
  Secret wrong(32);
  wrong.data()[0] = 1;
  const auto before = files_in(crashed);
  EXPECT_THAT(error_of([&] { open_store(crashed, wrong); }), StartsWith("unauthenticated"));
  EXPECT_EQ(files_in(crashed), before);
  EXPECT_EQ(contents_of(*open(crashed)), contents_of(*store));
}

TEST_F(StoreTest, refuses_a_key_of_the_wrong_length) {
  for (std::size_t size : {0, 1, 31, 33, 48}) {
    Secret key(size);
    EXPECT_THAT(error_of([&] { open_store(folder_, key); }),
                AllOf(StartsWith("invalid_argument"), HasSubstr(std::to_string(size))));
  }
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(StoreTest, refuses_what_a_newer_version_wrote_and_changes_nothing) {
  open().reset();
  {
    // The cipher's own key with the salt it finds in the file.
    std::string key = "raw:" + std::string(32, '\0');
    Database db(folder_ / "account.db", view(key));
    db.run("PRAGMA user_version = 1000");
  }
  const auto before = files_in(folder_);
  EXPECT_THAT(error_of([&] { open(); }), AllOf(StartsWith("incompatible"), HasSubstr("Update Argot")));
  EXPECT_EQ(files_in(folder_), before);
}

TEST_F(StoreTest, says_that_a_file_is_no_store) {
  fs::create_directory(folder_);
  for (const std::string& content :
       {std::string("short"), std::string(100, 'x'), std::string("SQLite format 3\0", 16) + std::string(9000, 'x')}) {
    write_file(folder_ / "account.db", content);
    EXPECT_THAT(error_of([&] { open(); }), ::testing::AnyOf(StartsWith("corrupt"), StartsWith("unauthenticated")));
    EXPECT_EQ(read_file(folder_ / "account.db"), content);
  }
}

TEST_F(StoreTest, says_that_a_file_is_in_the_place_of_its_folder) {
  write_file(folder_, "in the way");
  EXPECT_THAT(error_of([&] { open(); }), AllOf(StartsWith("unavailable"), HasSubstr(folder_.string())));
}

TEST_F(StoreTest, says_that_it_may_not_write) {
  furnish(*open());
  ASSERT_EQ(::chmod((folder_ / "account.db").c_str(), 0444), 0);
  ASSERT_EQ(::chmod(folder_.c_str(), 0777), 0);
  ASSERT_EQ(::chmod((folder_ / "account.lock").c_str(), 0666), 0);
  const bool told = in_child([&] {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) return false;  // root may write anything
    return error_of([&] { open(); }).starts_with("permission_denied");
  });
  EXPECT_TRUE(told);
}

TEST_F(StoreTest, exists_once_something_is_in_it) {
  EXPECT_FALSE(store_exists(folder_));
  open().reset();
  EXPECT_TRUE(store_exists(folder_));
}

TEST_F(StoreTest, may_close_before_its_transaction) {
  auto store = open();
  auto tx = store->begin();
  tx->put("a", "b", view("c"));
  store.reset();
  tx->commit();
  tx.reset();
  EXPECT_TRUE(open()->begin()->get("a", "b").has_value());
}

TEST_F(StoreTest, refuses_calls_after_a_commit) {
  auto store = open();
  auto tx = store->begin();
  tx->commit();
  EXPECT_THAT(error_of([&] { tx->put("a", "b", {}); }), StartsWith("internal"));
  EXPECT_THAT(error_of([&] { tx->commit(); }), StartsWith("internal"));
}

}  // namespace
}  // namespace argot::sqlite
