// What happens to the files of an account: damage, locks, newer versions, disks that are full.
#include <argot/bytes.h>

#include <boost/json.hpp>

#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "scene.h"

namespace argot::e2e {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr rlim_t small = 16 * 1024;

/// For a process that runs: from now on no file of its grows beyond `bytes`, as on a full disk.
void limit_files(pid_t process, rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  ASSERT_EQ(::prlimit(process, RLIMIT_FSIZE, &limit, nullptr), 0);
}
Launch told_when_full() {
  Launch launch;
  launch.in_child = [] { ::signal(SIGXFSZ, SIG_IGN); };  // then writing gives an error, as a full disk does
  return launch;
}
/// Root may write anything, unless it gives that up.
Launch bound_by_permissions() {
  Launch launch;
  launch.in_child = [] {
    for (int capability : {1, 2, 3}) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);  // DAC_OVERRIDE and its like
  };
  return launch;
}

class StoreFaults : public Scene {
 protected:
  StoreFaults() {
    node("node");
    list_nodes();
    nodes_know(1);
    make_account("alice");
    make_account("bob");
    sent("before");
  }
  void sent(const std::string& text) {
    const Result result = as("alice", {"send", id("bob"), text});
    EXPECT_EQ(result.code, 0) << result.out << result.err;
  }
  std::vector<std::string> in_history_of_alice() {
    std::vector<std::string> texts;
    std::istringstream lines(as("alice", {"--json", "history"}).out);
    for (std::string line; std::getline(lines, line);)
      texts.emplace_back(boost::json::parse(line).at("text").as_string());
    return texts;
  }
  fs::path database() { return file_of("alice", "account.db"); }
  /// Puts a file back as it was.
  struct Kept {
    fs::path file;
    std::string bytes = read(file);
    void put_back() const { put(bytes); }
    void put(const std::string& content) const { std::ofstream(file, std::ios::binary | std::ios::trunc) << content; }
  };
};

TEST_F(StoreFaults, ADamagedDatabaseIsNamedAndLeftAsItIs) {
  const Kept kept{database()};
  std::string damaged = kept.bytes;
  for (std::size_t at = 5000; at < damaged.size(); at += 4096) damaged[at] ^= 1;
  kept.put(damaged);
  for (const std::vector<std::string>& verb :
       {std::vector<std::string>{"history"}, {"send", id("bob"), "into the dark"}, {"conversations"}})
    EXPECT_TRUE(fails_with(as("alice", verb), {database().string(), "is damaged", "Restore"}));
  EXPECT_EQ(read(database()), damaged) << "a damaged file is evidence, and perhaps not all is lost";
  kept.put_back();
  EXPECT_THAT(in_history_of_alice(), ElementsAre("before"));
}

TEST_F(StoreFaults, ADatabaseThatIsSomethingElseIsNamed) {
  const Kept kept{database()};
  for (const std::string& content : {std::string("short"), std::string(50'000, 'x'), kept.bytes.substr(0, 4096)}) {
    kept.put(content);
    EXPECT_TRUE(fails_with(as("alice", {"history"}), {database().string()}));
    EXPECT_EQ(read(database()), content);
  }
  kept.put_back();
  EXPECT_THAT(in_history_of_alice(), ElementsAre("before"));
}

TEST_F(StoreFaults, ADatabaseThatIsGoneIsNotReplacedByAnEmptyOne) {
  const fs::path file = database();
  fs::rename(file, path("elsewhere"));
  EXPECT_TRUE(fails_with(as("alice", {"history"}), {"is gone", file.parent_path().string(), "backup"}));
  EXPECT_FALSE(fs::exists(file) && fs::file_size(file) > 0);
  fs::rename(path("elsewhere"), file);
  EXPECT_THAT(in_history_of_alice(), ElementsAre("before"));
}

TEST_F(StoreFaults, ADamagedKeyFileIsNamed) {
  const Kept kept{file_of("alice", "account.json")};
  for (const std::string& content : {std::string(), std::string("{"), std::string(R"({"store":"../../bob","key":{}})"),
                                     std::string(R"({"store":"store-0","key":{"version":1}})")}) {
    kept.put(content);
    EXPECT_TRUE(fails_with(as("alice", {"history"}), {"key file", "is damaged", "recovery phrase"})) << content;
  }
  std::string newer = kept.bytes;
  newer.replace(newer.find("\"version\":1"), 11, "\"version\":9");
  kept.put(newer);
  EXPECT_TRUE(fails_with(as("alice", {"history"}), {"newer Argot", "version 9"}));
  kept.put_back();
  EXPECT_THAT(in_history_of_alice(), ElementsAre("before"));
}

TEST_F(StoreFaults, ADatabaseOfANewerVersionIsRefusedAndUnchanged) {
  const Kept kept{database()};
  {  // as a later Argot would leave it
    const auto key_file = boost::json::parse(read(file_of("alice", "account.json")));
    const auto key = from_base64(std::string_view(key_file.at("key").at("key").as_string()));
    ASSERT_TRUE(key);
    const std::string text = "raw:" + std::string(key->begin(), key->end()) + kept.bytes.substr(0, 16);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(database().c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_key(db, text.data(), int(text.size())), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, "PRAGMA user_version = 1000", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }
  const std::string newer = read(database());
  ASSERT_NE(newer, kept.bytes);
  EXPECT_TRUE(fails_with(as("alice", {"history"}), {database().string(), "newer", "Update Argot"}));
  EXPECT_EQ(read(database()), newer);
  kept.put_back();
  EXPECT_THAT(in_history_of_alice(), ElementsAre("before"));
}

TEST_F(StoreFaults, AStoreThatMayNotBeWrittenIsNamed) {
  const fs::path folder = database().parent_path();
  for (const auto& entry : fs::directory_iterator(folder)) fs::permissions(entry, fs::perms::owner_read);
  fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
  for (const std::vector<std::string>& verb : {std::vector<std::string>{"history"}, {"send", id("bob"), "no pen"}})
    EXPECT_TRUE(fails_with(as("alice", verb, bound_by_permissions()), {folder.string(), "writable"}));
  fs::permissions(folder, fs::perms::owner_all);
  for (const auto& entry : fs::directory_iterator(folder))
    fs::permissions(entry, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(in_history_of_alice(), ElementsAre("before"));
}

TEST_F(StoreFaults, AHomeThatMayNotBeWrittenIsNamed) {
  fs::create_directory(path("sealed"));
  fs::permissions(path("sealed"), fs::perms::owner_read | fs::perms::owner_exec);
  const fs::path file =
      write("sealed.yaml", "data: " + path("sealed").string() +
                               "/data\nplugins: {transport: loopback, crypto: [session], storage: sqlite}\n");
  EXPECT_TRUE(fails_with(argot({"account", "new", "--profile", file.string()}, bound_by_permissions()),
                         {path("sealed").string(), "ermission"}));
}

TEST_F(StoreFaults, AFullDiskRefusesWhatIsWrittenAndLosesNothing) {
  auto alice = converse("alice", "bob", told_when_full());
  alice->type("with room");
  EXPECT_TRUE(alice->wait_for("with room ✓"));
  limit_files(alice->pid(), small);
  alice->type("without room");
  EXPECT_TRUE(alice->wait_for("! The disk is full: "));
  EXPECT_TRUE(alice->wait_for("Free some space and try again."));
  EXPECT_THAT(alice->out(), HasSubstr(database().string()));
  limit_files(alice->pid(), RLIM_INFINITY);
  alice->type("with room again");
  EXPECT_TRUE(alice->wait_for("with room again ✓"));
  alice->type("/quit");
  EXPECT_EQ(alice->finish().code, 0);
  EXPECT_THAT(in_history_of_alice(), ElementsAre("before", "with room", "with room again"));
  EXPECT_THAT(received("bob", "alice", "with room again"), ElementsAre("before", "with room", "with room again"));
}

TEST_F(StoreFaults, AReceiverWithAFullDiskGetsEverythingOnceThereIsRoom) {
  auto bob = converse("bob", "alice", told_when_full());
  limit_files(bob->pid(), small);
  sent("while it is full");
  EXPECT_TRUE(bob->wait_for("The disk is full: "));
  sent("also while it is full");
  limit_files(bob->pid(), RLIM_INFINITY);
  EXPECT_TRUE(bob->wait_for("‹ also while it is full\n"));
  bob->kill();
  EXPECT_THAT(received("bob", "alice"), ElementsAre("before", "while it is full", "also while it is full"));
}

TEST_F(StoreFaults, NothingIsPrintedIntoTheFilesOfAnAccountWhenThereIsNowhereToPrint) {
  for (const int missing : {0, 1, 2}) {
    Launch launch;
    launch.in_child = [missing] {
      for (int descriptor = missing; descriptor <= 2; ++descriptor) ::close(descriptor);
    };
    as("alice", {"send", id("bob"), "unheard " + std::to_string(missing)}, launch);
    as("alice", {"history"}, launch);
  }
  EXPECT_THAT(in_history_of_alice(), ElementsAre("before", "unheard 0", "unheard 1", "unheard 2"));
  EXPECT_THAT(received("bob", "alice", "unheard 2"), ElementsAre("before", "unheard 0", "unheard 1", "unheard 2"));
}

TEST_F(StoreFaults, AnAccountOnAFullDiskIsNotMade) {
  fs::create_directory(path("tiny"));
  if (::mount("tmpfs", path("tiny").c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "a small disk can be had by root only";
  const fs::path file =
      write("tiny.yaml", "data: " + path("tiny").string() +
                             "\nplugins: {transport: loopback, crypto: [session], storage: sqlite}\n");
  const Result refused = argot({"account", "new", "--profile", file.string()});
  EXPECT_TRUE(fails_with(refused, {"disk is full", path("tiny").string(), "Free some space"}));
  EXPECT_THAT(refused.out, Not(HasSubstr("13 words"))) << "a phrase of an account that does not exist";
  EXPECT_THAT(argot({"account", "list", "--profile", file.string()}).out, HasSubstr("No account yet"));
  ::umount(path("tiny").c_str());
}

}  // namespace
}  // namespace argot::e2e
