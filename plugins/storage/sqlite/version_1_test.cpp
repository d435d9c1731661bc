// A file as the first release wrote it, with a history in it, becomes one of today: nothing is lost.
#include "database.h"
#include "schema.h"
#include "seal.h"
#include "test_store.h"

namespace argot::sqlite {
namespace {

// As it was released. Not the constant of schema.cpp: that one must not change either, and this test would not see it.
constexpr const char* released = R"sql(
CREATE TABLE account(key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE conversation(
  account INTEGER PRIMARY KEY, name TEXT NOT NULL, approved INTEGER NOT NULL, blocked INTEGER NOT NULL,
  last_active INTEGER NOT NULL, unread INTEGER NOT NULL, last_message INTEGER NOT NULL, extra BLOB NOT NULL) STRICT;
CREATE INDEX conversation_by_activity ON conversation(last_active);
CREATE TABLE message(
  position INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE, conversation INTEGER NOT NULL, author INTEGER NOT NULL,
  sent_at INTEGER NOT NULL, received_at INTEGER NOT NULL, direction INTEGER NOT NULL, state INTEGER NOT NULL,
  kind INTEGER NOT NULL, hash TEXT NOT NULL, suite TEXT NOT NULL, failure TEXT NOT NULL, trace BLOB NOT NULL,
  text TEXT NOT NULL, content BLOB NOT NULL, UNIQUE(author, sent_at)) STRICT;
CREATE INDEX message_by_conversation ON message(conversation);
CREATE VIRTUAL TABLE message_index USING fts5(
  text, conversation, content='', columnsize=0, detail=column, prefix='2 3',
  tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc' separators ')sql"
                                 "\uFE0E\uFE0F"
                                 R"sql('");
INSERT INTO message_index(message_index, rank) VALUES('pgsz', 3968);
INSERT INTO message_index(message_index, rank) VALUES('secure-delete', 1);
CREATE TABLE outbox(
  message INTEGER PRIMARY KEY, mailbox TEXT NOT NULL, ns INTEGER NOT NULL, envelope BLOB NOT NULL, suite TEXT NOT NULL,
  ttl INTEGER NOT NULL, attempts INTEGER NOT NULL, next_attempt INTEGER NOT NULL) STRICT;
CREATE INDEX outbox_by_time ON outbox(next_attempt);
CREATE TABLE seen(hash TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX seen_by_time ON seen(expires);
CREATE TABLE value(
  owner TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY(owner, key)) STRICT, WITHOUT ROWID;
CREATE TABLE retired(id INTEGER NOT NULL) STRICT;
INSERT INTO retired VALUES(0);
)sql";

constexpr int rows = 500;

class Version1Test : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    fs::create_directories(folder_);
    const fs::path file = folder_ / "account.db";
    write_file(file, "");
    const Seal seal(file, key_);
    Database db(file, seal.sqlite_key());
    db.run("PRAGMA journal_mode = WAL");
    db.begin();
    db.run(released);
    db.run("PRAGMA user_version = 1");
    Query(db, "INSERT INTO account VALUES(1, ?1), (2, ?2)", account_id(0), account_id(1)).run();
    db.run("INSERT INTO conversation VALUES(1, 'Ann', 1, 0, 5000, 2, 500, x'')");
    for (std::int64_t i = 1; i <= rows; ++i) {
      const std::int64_t at = 1'700'000'000'000 + i, position = moment(at).first;
      const std::string text = "número " + std::to_string(i);
      Query(db,
            "INSERT INTO message VALUES(?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, 1, 'hash', 'crypto/session', '', x'0102', ?8,"
            " x'')",
            position, i, i % 2 + 1, at, at + 5, i % 2, i % 2 ? std::int64_t{2} : std::int64_t{5}, text)
          .run();
      Query(db, "INSERT INTO message_index(rowid, text, conversation) VALUES(?1, ?2, '1')", position, text).run();
    }
    Query(db, "INSERT INTO outbox VALUES(499, ?1, 0, x'aabb', 'crypto/session', 1000, 3, 7)", account_id(0)).run();
    db.run("INSERT INTO seen VALUES('an old hash', 9000000000000)");
    db.run("INSERT INTO value VALUES('inbox', x'6b', x'76')");
    db.run("UPDATE retired SET id = 600");
    db.commit();
  }
};

TEST_F(Version1Test, keeps_every_message_and_finds_it) {
  auto store = open();
  auto tx = store->begin();
  MessageQuery query;
  query.limit = 1000;
  const auto all = tx->messages(query);
  ASSERT_EQ(all.size(), std::size_t(rows));
  EXPECT_EQ(all.back().text, "número 1");
  EXPECT_EQ(all.back().author, account_id(1));
  EXPECT_EQ(all.back().direction, Direction::outgoing);
  EXPECT_EQ(all.back().trace, (Bytes{1, 2}));
  EXPECT_EQ(all.front().state, MessageState::read);
  for (const StoredMessage& m : all) {
    EXPECT_EQ(m.expires_at_ms, 0);
    EXPECT_TRUE(m.extra.empty());
  }
  query.match = "numero 37";
  EXPECT_EQ(tx->messages(query).size(), 11u);  // 37 and 370 to 379
  EXPECT_EQ(tx->conversations().at(0).name, "Ann");
  EXPECT_EQ(tx->conversations().at(0).unread, 2);
  EXPECT_FALSE(tx->see("an old hash", 1));
  EXPECT_TRUE(tx->get("inbox", "k"));
  EXPECT_FALSE(tx->next_expiry_ms());
  tx.reset();
  ASSERT_EQ(store->outbox().size(), 1u);
  EXPECT_EQ(store->outbox()[0].envelope, (Bytes{0xaa, 0xbb}));
}

TEST_F(Version1Test, takes_what_only_the_new_form_has_and_keeps_it) {
  {
    auto store = open();
    auto tx = store->begin();
    StoredMessage old = *tx->message(7);
    old.text = "edited";
    old.extra = {9, 9};
    old.expires_at_ms = 4'000'000'000'000;
    tx->update(old);
    StoredMessage fresh = plain_message(1, "new", 0, 0);
    const auto id = tx->insert(fresh);
    ASSERT_TRUE(id);
    EXPECT_GT(*id, 600);  // numbers that were in use are not used again
    tx->commit();
  }
  auto store = open();
  auto tx = store->begin();
  EXPECT_EQ(tx->message(7)->extra, (Bytes{9, 9}));
  EXPECT_EQ(tx->next_expiry_ms(), 4'000'000'000'000);
  EXPECT_EQ(tx->expired(4'000'000'000'000, 10), std::vector<MessageId>{7});
  MessageQuery query;
  query.match = "edited";
  EXPECT_EQ(tx->messages(query).size(), 1u);
}

TEST_F(Version1Test, looks_afterwards_like_a_file_that_was_new) {
  open().reset();
  open(root_ / "fresh").reset();
  auto shape = [&](const fs::path& folder) {
    const fs::path file = folder / "account.db";
    const Seal seal(file, key_);
    Database db(file, seal.sqlite_key());
    std::string out = std::to_string(db.number("PRAGMA user_version"));
    for (Query row(db,
                   "SELECT m.name, p.name, p.type FROM sqlite_schema m, pragma_table_info(m.name) p"
                   " WHERE m.name NOT LIKE 'message_index%' ORDER BY 1, p.cid");
         row.step();)
      out += "\n" + std::string(row.text(0)) + " " + std::string(row.text(1)) + " " + std::string(row.text(2));
    for (Query row(db, "SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY 1"); row.step();)
      out += "\n" + std::string(row.text(0));
    return out;
  };
  EXPECT_EQ(shape(folder_), shape(root_ / "fresh"));
}

}  // namespace
}  // namespace argot::sqlite
