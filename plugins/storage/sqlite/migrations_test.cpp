// Older files become new ones, all or nothing.
#include "migrations.h"
#include "test_store.h"

namespace argot::sqlite {
namespace {

constexpr const char* first = "CREATE TABLE note(text TEXT); INSERT INTO note VALUES('kept')";
constexpr const char* second = "ALTER TABLE note ADD COLUMN stars INTEGER DEFAULT 3";
constexpr const char* third = "UPDATE note SET stars = stars + 1; CREATE INDEX by_stars ON note(stars)";
constexpr const char* wrong = "UPDATE note SET stars = 99; this is no SQL";

class MigrationTest : public StoreTest {
 protected:
  Database db_{fs::path(::testing::TempDir()) / ("argot-migration-" + std::to_string(::getpid()) + ".db"), {}};
  void SetUp() override { StoreTest::SetUp(), db_.run("DROP TABLE IF EXISTS note; PRAGMA user_version = 0"); }
  void TearDown() override { fs::remove(db_.file()), StoreTest::TearDown(); }
  std::string migrate_by(std::vector<const char*> steps) {
    return error_of([&] { migrate(db_, steps); });
  }
};

TEST_F(MigrationTest, makes_a_new_file) {
  EXPECT_EQ(migrate_by({first}), "nothing");
  EXPECT_EQ(db_.number("PRAGMA user_version"), 1);
}

TEST_F(MigrationTest, brings_an_older_file_forward_and_keeps_what_is_in_it) {
  migrate_by({first});
  db_.run("INSERT INTO note VALUES('written by version 1')");
  EXPECT_EQ(migrate_by({first, second, third}), "nothing");
  EXPECT_EQ(db_.number("PRAGMA user_version"), 3);
  EXPECT_EQ(db_.number("SELECT sum(stars) FROM note"), 8);
}

TEST_F(MigrationTest, does_nothing_a_second_time) {
  migrate_by({first, second, third});
  EXPECT_EQ(migrate_by({first, second, third}), "nothing");
  EXPECT_EQ(db_.number("SELECT stars FROM note"), 4);
}

TEST_F(MigrationTest, leaves_the_file_as_it_was_when_a_step_fails) {
  migrate_by({first});
  EXPECT_NE(migrate_by({first, second, wrong}), "nothing");
  EXPECT_EQ(db_.number("PRAGMA user_version"), 1);
  EXPECT_EQ(db_.number("SELECT count(*) FROM pragma_table_info('note')"), 1);
  EXPECT_EQ(migrate_by({first, second, third}), "nothing");
}

TEST_F(MigrationTest, refuses_a_newer_file) {
  migrate_by({first, second, third});
  EXPECT_TRUE(migrate_by({first}).starts_with("incompatible"));
  EXPECT_EQ(db_.number("PRAGMA user_version"), 3);
}

}  // namespace
}  // namespace argot::sqlite
