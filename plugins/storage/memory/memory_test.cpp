// What is particular to memory: rollback at the cost of the changes, and words cut without an index.
#include "transaction.h"
#include "undo.h"
#include "words.h"

#include <sdk/testing/storage_scene.h>

#include <gtest/gtest.h>

#include <random>

namespace argot::memory {
namespace {

TEST(Undo, gives_back_any_history_of_changes) {
  std::mt19937 random(1);
  std::map<int, std::string> map;
  std::set<int> set;
  for (int i = 0; i < 50; ++i) map[i] = std::to_string(i), set.insert(i);
  for (int round = 0; round < 300; ++round) {
    const auto map_before = map;
    const auto set_before = set;
    Undo undo;
    for (unsigned steps = random() % 60; steps > 0; --steps) {
      const int key = static_cast<int>(random() % 80);
      switch (random() % 4) {
        case 0: undo.put(map, key, std::to_string(random())); break;
        case 1: undo.take_key(map, key); break;
        case 2: undo.add(set, key); break;
        default: undo.take_key(set, key);
      }
    }
    if (round % 3 == 0) {
      undo.keep();
      continue;
    }
    undo.roll_back();
    ASSERT_EQ(map, map_before);
    ASSERT_EQ(set, set_before);
  }
}

TEST(Undo, leaves_entries_where_they_were) {
  std::map<int, std::string> map{{1, "one"}};
  const std::string* where = &map.at(1);
  Undo undo;
  undo.take_key(map, 1);
  undo.put(map, 1, std::string("another"));
  undo.roll_back();
  EXPECT_EQ(&map.at(1), where);
  EXPECT_EQ(*where, "one");
}

TEST(Words, are_letters_and_digits_without_case_and_accents) {
  EXPECT_EQ(words_of("  Crème-Brûlée, 2x! "), (std::vector<std::string>{"creme", "brulee", "2x"}));
  EXPECT_EQ(words_of("cafe\u0301"), (std::vector<std::string>{"cafe"}));
  EXPECT_EQ(words_of("ПРИВЕТ ΟΔΟΣ Straße ŁÓDŹ"), (std::vector<std::string>{"привет", "οδοσ", "straße", "łodz"}));
  EXPECT_EQ(words_of("👍🏽 ❤️ — …"), std::vector<std::string>{});
  EXPECT_EQ(words_of("हिन्दी"), (std::vector<std::string>{"हिन्दी"}));
}

TEST(Words, of_what_is_no_utf8_end_where_it_is_wrong) {
  EXPECT_EQ(words_of("one\xfftwo\xc3"), (std::vector<std::string>{"one", "two"}));
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string junk(random() % 12, ' ');
    for (char& c : junk) c = static_cast<char>(random());
    for (auto& word : words_of(junk)) EXPECT_FALSE(word.empty());
  }
}

TEST(MemoryTransaction, costs_what_it_changes) {
  auto tables = std::make_shared<Tables>();
  auto busy = std::make_shared<bool>(false);
  {
    MemoryTransaction tx(tables, busy);
    tx.put(kit::plain_conversation(0));
    for (int i = 0; i < 1000; ++i) tx.insert(kit::plain_message(i, "text"));
    tx.commit();
  }
  // Whatever is not changed stays at its address: nothing was copied, neither by the change nor by taking it back.
  std::vector<const StoredMessage*> before, after;
  for (auto& [id, m] : tables->messages) before.push_back(&m);
  {
    MemoryTransaction tx(tables, busy);
    tx.erase_message(500);
    tx.clear();
  }
  for (auto& [id, m] : tables->messages) after.push_back(&m);
  EXPECT_EQ(before, after);
}

}  // namespace
}  // namespace argot::memory
