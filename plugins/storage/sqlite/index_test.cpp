// Lists and searches walk an index and stop; what was deleted is gone from it.
#include "schema.h"
#include "test_store.h"
#include "transaction.h"

namespace argot::sqlite {
namespace {

class IndexTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    auto db = std::make_unique<Database>(root_ / "plain.db", ByteView{});
    db->run("PRAGMA secure_delete = ON");
    migrate(*db, migrations);
    core_ = std::make_shared<Core>(LockFile(root_ / "lock"), std::move(db));
    SqliteTransaction tx(core_);
    for (int i = 0; i < 2; ++i) tx.put(plain_conversation(i));
    // The second conversation is old and long forgotten.
    for (int i = 0; i < 5000; ++i)
      tx.insert(plain_message(i, "common word" + std::to_string(i % 50), 0, i < 100 ? 1 : 0));
    tx.commit();
  }
  void TearDown() override {
    core_.reset();
    StoreTest::TearDown();
  }

  struct Cost {
    int steps = 0, sorts = 0;
    std::size_t found = 0;
  };
  Cost cost_of(const MessageQuery& query) {
    SqliteTransaction tx(core_);
    each_statement([](sqlite3_stmt* s) {
      sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 1);
      sqlite3_stmt_status(s, SQLITE_STMTSTATUS_SORT, 1);
    });
    Cost cost;
    cost.found = tx.messages(query).size();
    each_statement([&](sqlite3_stmt* s) {
      cost.steps += sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0);
      cost.sorts += sqlite3_stmt_status(s, SQLITE_STMTSTATUS_SORT, 0);
    });
    return cost;
  }
  template <class Use> void each_statement(Use use) {
    for (sqlite3_stmt* s = nullptr; (s = sqlite3_next_stmt(core_->db->handle(), s));) use(s);
  }
  std::int64_t blocks_with(const std::string& word) {
    Query row(*core_->db, "SELECT count(*) FROM message_index_data WHERE instr(block, CAST(?1 AS BLOB))", word);
    row.step();
    return row.number(0);
  }

  std::shared_ptr<Core> core_;
};

TEST_F(IndexTest, every_query_stops_at_its_limit_and_never_sorts) {
  for (const char* match : {"", "common", "com", "common word1"}) {
    for (int conversation : {-1, 0, 1}) {
      for (bool newest_first : {true, false}) {
        MessageQuery query;
        query.match = match;
        query.limit = 2;
        query.newest_first = newest_first;
        if (conversation >= 0) query.conversation = account_id(conversation);
        const Cost cost = cost_of(query);
        EXPECT_EQ(cost.found, 2u);
        EXPECT_EQ(cost.sorts, 0) << match << conversation << newest_first;
        EXPECT_LT(cost.steps, 400) << match << conversation << newest_first;
      }
    }
  }
}

TEST_F(IndexTest, words_of_an_erased_message_are_not_left_in_the_index) {
  MessageId id = 0;
  {
    SqliteTransaction tx(core_);
    id = tx.insert(plain_message(10'000, "xylophonist quetzalcoatl")).value();
    tx.commit();
  }
  ASSERT_GT(blocks_with("quetzalcoatl"), 0);
  {
    SqliteTransaction tx(core_);
    StoredMessage m = tx.message(id).value();
    m.text = "xylophonist";
    tx.update(m);
    tx.commit();
  }
  EXPECT_EQ(blocks_with("quetzalcoatl"), 0);
  {
    SqliteTransaction tx(core_);
    tx.erase_message(id);
    tx.commit();
  }
  EXPECT_EQ(blocks_with("xylophonist"), 0);
}

TEST_F(IndexTest, the_words_of_a_search_are_data_not_syntax) {
  SqliteTransaction tx(core_);
  for (const char* match : {"\"", "*", "(", "text:common", "conversation : 1", "NEAR(a b)", "common\" OR \"x",
                            "-common", "^", "\xff\xfe", "\u0301", ""}) {
    MessageQuery query;
    query.match = match;
    EXPECT_NO_THROW(tx.messages(query)) << match;
  }
  MessageQuery query;
  query.match = "1";  // the number of a conversation is no word of its messages
  EXPECT_TRUE(tx.messages(query).empty());
}

TEST_F(IndexTest, a_search_has_a_bounded_size) {
  SqliteTransaction tx(core_);
  MessageQuery query;
  for (int i = 0; i < 33; ++i) query.match += "w ";
  EXPECT_TRUE(error_of([&] { tx.messages(query); }).starts_with("invalid_argument"));
  query.match = std::string(2000, 'w');
  EXPECT_TRUE(error_of([&] { tx.messages(query); }).starts_with("invalid_argument"));
}

TEST_F(IndexTest, a_message_may_be_a_lone_accent) {
  SqliteTransaction tx(core_);
  const auto id = tx.insert(plain_message(10'000, "\u0301 \u0302")).value();
  tx.erase_message(id);
  EXPECT_NO_THROW(tx.commit());
  EXPECT_EQ(core_->db->number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

}  // namespace
}  // namespace argot::sqlite
