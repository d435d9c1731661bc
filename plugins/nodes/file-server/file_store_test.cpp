#include "file_store.h"

#include <gmock/gmock.h>

#include <fstream>
#include <random>

#include <sys/wait.h>
#include <unistd.h>

namespace argot::files {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t t0 = 1'750'000'000'000, day = 86'400'000;

class FileStoreTest : public testing::Test {
 protected:
  FileStoreTest() {
    std::random_device entropy;
    directory = fs::temp_directory_path() / ("argot-files-" + std::to_string(entropy()) + std::to_string(entropy()));
  }
  ~FileStoreTest() override { fs::remove_all(directory); }
  std::size_t files_on_disk() const {
    std::size_t count = 0;
    for (const auto& each : fs::recursive_directory_iterator(directory)) count += each.is_regular_file();
    return count;
  }
  fs::path directory;
};

TEST_F(FileStoreTest, KeepsWhatItIsGivenUnderANameMadeOfTheContent) {
  FileStore store(directory, 0);
  const std::string bytes = std::string("a\0b", 3) + std::string(300'000, 'x');
  const FileInfo info = store.put(bytes, t0, t0 + day);
  EXPECT_EQ(info.id.size(), 44u);
  EXPECT_TRUE(FileStore::is_id(info.id));
  EXPECT_EQ(info.size, bytes.size());
  EXPECT_EQ(store.read(info.id, t0), bytes);
  EXPECT_EQ(store.info(info.id, t0)->uploaded_ms, t0);
  FileStore again(directory, 0);
  EXPECT_EQ(again.read(info.id, t0), bytes) << "after a restart";
}

TEST_F(FileStoreTest, TheSameContentIsTheSameFileWithTheLaterExpiry) {
  FileStore store(directory, 0);
  const FileInfo first = store.put("same", t0, t0 + 2 * day);
  const FileInfo second = store.put("same", t0 + 5, t0 + day);
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(second.uploaded_ms, t0);
  EXPECT_EQ(second.expires_ms, t0 + 2 * day);
  EXPECT_EQ(store.put("same", t0 + 5, t0 + 3 * day).expires_ms, t0 + 3 * day);
  EXPECT_NE(store.put("other", t0, t0 + day).id, first.id);
  EXPECT_EQ(files_on_disk(), 2u);
}

TEST_F(FileStoreTest, WhatHasExpiredIsGoneAtOnceAndSweptLater) {
  FileStore store(directory, 0);
  const FileInfo info = store.put("short", t0, t0 + 1000);
  store.put("long", t0, t0 + day);
  EXPECT_TRUE(store.read(info.id, t0 + 999));
  EXPECT_FALSE(store.read(info.id, t0 + 1000));
  EXPECT_FALSE(store.info(info.id, t0 + 1000));
  EXPECT_FALSE(store.extend(info.id, t0 + 1000, t0 + day));
  std::size_t removed = 0;
  for (std::size_t shard = 0; shard < FileStore::shards; ++shard) removed += store.sweep(shard, t0 + 1000);
  EXPECT_EQ(removed, 1u);
  EXPECT_EQ(files_on_disk(), 1u);
  EXPECT_TRUE(store.put("short", t0 + 2000, t0 + day).uploaded_ms == t0 + 2000) << "and may come again";
}

TEST_F(FileStoreTest, LifeIsOnlyProlonged) {
  FileStore store(directory, 0);
  const FileInfo info = store.put("file", t0, t0 + day);
  EXPECT_EQ(store.extend(info.id, t0, t0 + 3 * day)->expires_ms, t0 + 3 * day);
  EXPECT_EQ(store.extend(info.id, t0, t0 + day)->expires_ms, t0 + 3 * day);
  EXPECT_FALSE(store.extend(FileStore::id_of("unknown"), t0, t0 + day));
}

TEST_F(FileStoreTest, NamesThatAreNoIdsReachNothing) {
  FileStore store(directory, 0);
  store.put("file", t0, t0 + day);
  for (const std::string& id :
       {std::string(), std::string("../server.key"), std::string(44, '.'), std::string(44, '/'), std::string(43, 'A'),
        std::string(45, 'A'), std::string(44, 'A'), std::string(44, '\0')}) {
    EXPECT_FALSE(store.read(id, t0)) << id;
    EXPECT_FALSE(store.info(id, t0)) << id;
    EXPECT_FALSE(store.extend(id, t0, t0 + day)) << id;
  }
}

TEST_F(FileStoreTest, ADamagedFileIsNoFileAndMayBeUploadedAgain) {
  FileStore store(directory, 0);
  const FileInfo info = store.put("some content", t0, t0 + day);
  const fs::path path = directory / "files" / info.id.substr(0, 1) / info.id;
  fs::resize_file(path, 40);
  EXPECT_FALSE(store.read(info.id, t0));
  store.put("some content", t0, t0 + day);
  EXPECT_EQ(store.read(info.id, t0), "some content");
  std::ofstream(path) << "something else altogether, long enough for a header";
  EXPECT_FALSE(store.info(info.id, t0));
}

TEST_F(FileStoreTest, AFullDiskIsToldAndChangesNothing) {
  FileStore store(directory, 1ull << 62);
  try {
    store.put("file", t0, t0 + day);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::resource_exhausted);
    EXPECT_FALSE(error.remedy().empty());
  }
  EXPECT_EQ(files_on_disk(), 0u);
}

// A process that uploads is killed at some moment: what it said was stored is there whole, and nothing is half there.
TEST_F(FileStoreTest, AKilledProcessLosesNothingItConfirmed) {
  for (int round = 0; round < 5; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      FileStore store(directory, 0);
      for (std::uint32_t i = 0;; ++i) {
        store.put("round " + std::to_string(round) + " file " + std::to_string(i) + std::string(50'000, 'x'), t0,
                  t0 + day);
        if (::write(pipe[1], &i, sizeof i) != sizeof i) ::_exit(1);
      }
    }
    ::close(pipe[1]);
    std::uint32_t confirmed = 0, last = 0;
    for (int n = 0; n < 3 + round * 4 && ::read(pipe[0], &last, sizeof last) == sizeof last; ++n) confirmed = last + 1;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(pipe[0]);
    ASSERT_GT(confirmed, 0u);
    FileStore store(directory, 0);
    for (std::uint32_t i = 0; i < confirmed; ++i) {
      const std::string bytes =
          "round " + std::to_string(round) + " file " + std::to_string(i) + std::string(50'000, 'x');
      EXPECT_EQ(store.read(FileStore::id_of(bytes), t0), bytes) << round << "/" << i;
    }
    EXPECT_TRUE(fs::is_empty(directory / "unfinished"));
  }
}

}  // namespace
}  // namespace argot::files
