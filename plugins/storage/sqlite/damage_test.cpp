// Files that were changed by somebody else: an error or the truth, never anything else.
#include "test_store.h"

#include <random>
#include <sstream>

namespace argot::sqlite {
namespace {

class DamageTest : public StoreTest {
 protected:
  /// What a store that opened holds, or "" when it could not be opened or read.
  std::string contents_or_error(const fs::path& folder, std::string* error = nullptr) {
    try {
      return contents_of(*open(folder));
    } catch (const Error& failure) {
      EXPECT_TRUE(failure.code() == Code::corrupt || failure.code() == Code::unauthenticated) << failure.sentence();
      EXPECT_NE(std::string(failure.what()).find("account.db"), std::string::npos) << failure.what();
      EXPECT_FALSE(failure.remedy().empty());
      if (error) *error = failure.sentence();
      return {};
    }
  }
};

TEST_F(DamageTest, any_changed_byte_of_the_database_is_an_error) {
  furnish(*open(), 500);
  const std::string intact = read_file(folder_ / "account.db");
  const std::string truth = contents_of(*open());
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    // Every byte of the header in the open, then anywhere.
    const std::size_t at = i < 24 ? static_cast<std::size_t>(i) : random() % intact.size();
    std::string damaged = intact;
    damaged[at] = static_cast<char>(damaged[at] ^ (1u << random() % 8));
    const fs::path copy = copy_of(folder_);
    write_file(copy / "account.db", damaged);
    const std::string found = contents_or_error(copy);
    // A page that nothing refers to (what deleted rows left) may be damaged without a word being wrong.
    EXPECT_TRUE(found.empty() || found == truth) << "byte " << at;
    EXPECT_TRUE(found.empty() || i >= 24) << "byte " << at;
    fs::remove_all(copy);
  }
}

TEST_F(DamageTest, a_database_cut_short_is_an_error) {
  furnish(*open(), 500);
  const std::string intact = read_file(folder_ / "account.db");
  for (std::size_t size : {std::size_t{1}, std::size_t{23}, std::size_t{24}, std::size_t{4095}, std::size_t{4096},
                           intact.size() / 2, intact.size() - 1}) {
    const fs::path copy = copy_of(folder_);
    write_file(copy / "account.db", std::string_view(intact).substr(0, size));
    EXPECT_EQ(contents_or_error(copy), "") << size << " bytes";
    fs::remove_all(copy);
  }
}

TEST_F(DamageTest, a_last_page_cut_short_is_an_error_unless_the_log_has_it) {
  furnish(*open(), 500);
  auto store = open();
  store->begin()->get("a", "b");
  {
    auto tx = store->begin();
    tx->put("a", "b", view("c"));
    tx->commit();
  }
  const std::string truth = contents_of(*store);
  const fs::path copy = copy_of(folder_);
  ASSERT_GT(fs::file_size(copy / "account.db-wal"), 0u);
  fs::resize_file(copy / "account.db", fs::file_size(copy / "account.db") - 1);
  const std::string found = contents_or_error(copy);
  EXPECT_TRUE(found.empty() || found == truth);
}

TEST_F(DamageTest, swapped_pages_are_an_error) {
  furnish(*open(), 500);
  std::string damaged = read_file(folder_ / "account.db");
  std::swap_ranges(damaged.begin() + 4096, damaged.begin() + 8192, damaged.begin() + 8192);
  write_file(folder_ / "account.db", damaged);
  EXPECT_EQ(contents_or_error(folder_), "");
}

/// Twenty commits that are in the write-ahead log only; after the nth, `history[n]` is what the store holds.
class LogDamageTest : public DamageTest {
 protected:
  void SetUp() override {
    DamageTest::SetUp();
    store_ = open();
    furnish(*store_, 30);
    store_.reset();
    store_ = open();
    history_.push_back(contents_of(*store_));
    for (int i = 0; i < 20; ++i) {
      auto tx = store_->begin();
      tx->insert(plain_message(1'750'000'000'000 + i, "furnished in commit " + std::to_string(i), i % 3));
      tx->put("counter", "value", view(std::to_string(i)));
      tx->commit();
      tx.reset();
      history_.push_back(contents_of(*store_));
    }
    log_ = read_file(folder_ / "account.db-wal");
    ASSERT_GT(log_.size(), 20u * 4096);
  }
  void TearDown() override {
    store_.reset();
    DamageTest::TearDown();
  }
  std::string with_log(std::string_view log) {
    const fs::path copy = copy_of(folder_);
    write_file(copy / "account.db-wal", log);
    const std::string found = contents_or_error(copy);
    fs::remove_all(copy);
    return found;
  }
  bool happened(const std::string& contents) {
    return std::find(history_.begin(), history_.end(), contents) != history_.end();
  }

  std::unique_ptr<Store> store_;
  std::vector<std::string> history_;
  std::string log_;
};

TEST_F(LogDamageTest, a_log_cut_short_gives_a_moment_of_the_past) {
  std::mt19937 random(2);
  std::size_t last = 0;
  std::vector<std::size_t> sizes = {0, 1, 31, 32, 33, log_.size() - 1, log_.size()};
  for (int i = 0; i < 60; ++i) sizes.push_back(random() % log_.size());
  std::sort(sizes.begin(), sizes.end());
  for (std::size_t size : sizes) {
    const std::string found = with_log(std::string_view(log_).substr(0, size));
    const auto at = std::find(history_.begin(), history_.end(), found);
    ASSERT_NE(at, history_.end()) << size << " bytes";
    const auto commits = static_cast<std::size_t>(at - history_.begin());
    EXPECT_GE(commits, last) << "a longer log gives no less";
    last = commits;
  }
  EXPECT_EQ(last, 20u);
}

TEST_F(LogDamageTest, any_changed_byte_of_the_log_gives_an_error_or_a_moment_of_the_past) {
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    const std::size_t at = i < 56 ? static_cast<std::size_t>(i) : random() % log_.size();
    std::string damaged = log_;
    damaged[at] = static_cast<char>(damaged[at] ^ (1u << random() % 8));
    const std::string found = with_log(damaged);
    EXPECT_TRUE(found.empty() || happened(found)) << "byte " << at;
  }
}

}  // namespace
}  // namespace argot::sqlite
