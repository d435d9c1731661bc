// What Argot relies on from its encrypted SQLite: sealed pages, refused keys, full-text search.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

namespace fs = std::filesystem;

// A raw key ("raw:" and 32 bytes) goes to the cipher as it is; anything else would cost an Argon2.
std::string raw_key(char fill) { return "raw:" + std::string(32, fill); }

class Database {
 public:
  Database(const fs::path& file, const std::string& key) {
    sqlite3_open(file.c_str(), &db_);
    sqlite3_key(db_, key.data(), static_cast<int>(key.size()));
  }
  ~Database() { sqlite3_close(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  int run(const char* sql) { return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); }

  std::string value(const char* sql) {
    std::string result;
    sqlite3_stmt* row = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &row, nullptr) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW &&
        sqlite3_column_text(row, 0)) {
      result = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
    }
    sqlite3_finalize(row);
    return result;
  }

 private:
  sqlite3* db_ = nullptr;
};

class EncryptedSqlite : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::path(testing::TempDir()) /
           ("argot-sqlite-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
            testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(dir_);
    fs::create_directories(dir_);
    file_ = dir_ / "account.db";
    Database db(file_, raw_key('k'));
    ASSERT_EQ(db.run("PRAGMA journal_mode=WAL; CREATE VIRTUAL TABLE message USING fts5(body);"
                     "INSERT INTO message VALUES ('meet me at the lighthouse');"),
              SQLITE_OK);
  }
  void TearDown() override { fs::remove_all(dir_); }

  std::string bytes() const {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path dir_, file_;
};

TEST_F(EncryptedSqlite, uses_the_aegis_cipher) {
  Database db(file_, raw_key('k'));
  EXPECT_EQ(db.value("PRAGMA cipher"), "aegis");
}

TEST_F(EncryptedSqlite, searches_full_text_with_the_right_key) {
  Database db(file_, raw_key('k'));
  EXPECT_EQ(db.value("SELECT body FROM message WHERE message MATCH 'lighthouse'"), "meet me at the lighthouse");
}

TEST_F(EncryptedSqlite, leaves_neither_text_nor_file_magic_readable) {
  EXPECT_EQ(bytes().find("lighthouse"), std::string::npos);
  EXPECT_EQ(bytes().find("SQLite format"), std::string::npos);
}

TEST_F(EncryptedSqlite, refuses_a_wrong_key) {
  Database db(file_, raw_key('x'));
  EXPECT_EQ(db.run("SELECT count(*) FROM sqlite_schema"), SQLITE_NOTADB);
}

TEST_F(EncryptedSqlite, notices_one_changed_bit_in_any_page) {
  const std::string intact = bytes();
  constexpr std::size_t page = 4096;
  ASSERT_GE(intact.size(), 2 * page);
  for (std::size_t at = page / 2; at < intact.size(); at += page) {
    std::string changed = intact;
    changed[at] ^= 1;
    std::ofstream(file_, std::ios::binary) << changed;
    Database db(file_, raw_key('k'));
    EXPECT_NE(db.run("PRAGMA integrity_check"), SQLITE_OK) << "byte " << at;
  }
}

TEST_F(EncryptedSqlite, notices_two_swapped_pages) {
  std::string changed = bytes();
  constexpr std::size_t page = 4096;
  ASSERT_GE(changed.size(), 3 * page);
  std::swap_ranges(changed.begin() + page, changed.begin() + 2 * page, changed.begin() + 2 * page);
  std::ofstream(file_, std::ios::binary) << changed;
  Database db(file_, raw_key('k'));
  EXPECT_NE(db.run("PRAGMA integrity_check"), SQLITE_OK);
}

}  // namespace
