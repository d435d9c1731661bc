// The disk as the store sees it: full, failing, and asked to keep what was committed.
#include "database.h"
#include "test_store.h"

#include <gmock/gmock.h>

#include <dlfcn.h>
#include <cerrno>

namespace {

// SQLite's own hook for system calls; a test is one thread.
std::int64_t bytes_left = -1;  // -1: no end
int failure = ENOSPC;
bool unsynced = false;

ssize_t limited_pwrite(int file, const void* data, std::size_t size, off_t at) {
  if (bytes_left >= 0) {
    if (static_cast<std::int64_t>(size) > bytes_left) return errno = failure, -1;
    bytes_left -= static_cast<std::int64_t>(size);
  }
  unsynced = true;
  return ::pwrite(file, data, size, at);
}

}  // namespace

// These take the place of libc's for the whole program.
#define ARGOT_WATCH(name)                                                          \
  extern "C" __attribute__((visibility("default"))) int name(int file) {           \
    unsynced = false;                                                              \
    static auto* real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, #name)); \
    return real(file);                                                             \
  }
ARGOT_WATCH(fsync)
ARGOT_WATCH(fdatasync)

namespace argot::sqlite {
namespace {

using ::testing::StartsWith;

class DiskTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    sqlite3_initialize();
    for (const char* name : {"pwrite", "pwrite64"}) {
      auto* vfs = sqlite3_vfs_find("unix");
      ASSERT_NE(vfs, nullptr);
      ASSERT_EQ(vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(limited_pwrite)), SQLITE_OK);
    }
  }
  void TearDown() override {
    bytes_left = -1;
    for (const char* name : {"pwrite", "pwrite64"}) {
      auto* vfs = sqlite3_vfs_find("unix");
      vfs->xSetSystemCall(vfs, name, nullptr);
    }
    StoreTest::TearDown();
  }

  void write_much(Store& store, int round) {
    auto tx = store.begin();
    for (int i = 0; i < 300; ++i)
      tx->insert(plain_message(1'800'000'000'000 + round * 1000 + i,
                               "furnished " + std::string(2000, 'x') + std::to_string(i), 1));
    tx->put("round", "number", view(std::to_string(round)));
    tx->commit();
  }
};

TEST_F(DiskTest, keeps_nothing_of_a_transaction_when_full_and_works_again_with_space) {
  auto store = open();
  furnish(*store);
  std::string before = contents_of(*store);
  int refused = 0;
  for (int round = 0; round < 12; ++round) {
    bytes_left = 1000 + round * 100'000;  // ends in the log, in the middle of frames, in a checkpoint
    const std::string told = error_of([&] { write_much(*store, round); });
    bytes_left = -1;
    if (told == "nothing") {
      before = contents_of(*store);
      continue;
    }
    ++refused;
    EXPECT_THAT(told, StartsWith("resource_exhausted"));
    EXPECT_EQ(contents_of(*store), before) << "round " << round;
    EXPECT_EQ(contents_of(*open(copy_of(folder_))), before) << "round " << round;
    EXPECT_EQ(error_of([&] { write_much(*store, 100 + round); }), "nothing");
    before = contents_of(*store);
  }
  EXPECT_GT(refused, 3);
  store.reset();
  EXPECT_EQ(contents_of(*open()), before);
}

TEST_F(DiskTest, refuses_everything_else_in_a_transaction_that_failed) {
  auto store = open();
  furnish(*store);
  const std::string before = contents_of(*store);
  {
    auto tx = store->begin();
    bytes_left = 0;
    const std::string told = error_of([&] {
      for (int i = 0; i < 200; ++i)
        tx->put("big", std::to_string(i), Bytes(100'000, 1));  // more than the cache: written early
    });
    bytes_left = -1;
    EXPECT_THAT(told, StartsWith("resource_exhausted"));
    EXPECT_THAT(error_of([&] { tx->put("small", "value", {}); }), StartsWith("resource_exhausted"));
    EXPECT_THAT(error_of([&] { tx->commit(); }), StartsWith("resource_exhausted"));
  }
  EXPECT_EQ(contents_of(*store), before);
}

TEST_F(DiskTest, says_that_the_disk_is_full_when_a_store_is_made) {
  bytes_left = 100;
  EXPECT_THAT(error_of([&] { open(); }), StartsWith("resource_exhausted"));
  bytes_left = -1;
  EXPECT_EQ(error_of([&] { open(); }), "nothing");
}

TEST_F(DiskTest, says_that_the_disk_fails) {
  auto store = open();
  furnish(*store);
  const std::string before = contents_of(*store);
  failure = EIO;
  bytes_left = 10'000;
  EXPECT_THAT(error_of([&] { write_much(*store, 1); }), StartsWith("unavailable"));
  bytes_left = -1;
  failure = ENOSPC;
  EXPECT_EQ(contents_of(*store), before);
}

TEST_F(DiskTest, has_given_every_commit_to_the_disk_when_it_returns) {
  auto store = open();
  furnish(*store);
  unsynced = true;                 // the watch itself is watched: the first commit must clear it
  for (int i = 0; i < 400; ++i) {  // some of them with a checkpoint
    auto tx = store->begin();
    tx->insert(plain_message(1'800'000'000'000 + i, std::string(20'000, 'y')));
    tx->commit();
    ASSERT_FALSE(unsynced) << "commit " << i;
  }
}

TEST_F(DiskTest, writes_nothing_for_a_transaction_that_only_read) {
  auto store = open();
  furnish(*store);
  auto tx = store->begin();
  EXPECT_FALSE(tx->messages({}).empty());
  tx->commit();
  EXPECT_FALSE(unsynced);
}

}  // namespace
}  // namespace argot::sqlite
