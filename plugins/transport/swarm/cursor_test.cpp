#include "cursor.h"

#include <gtest/gtest.h>

namespace argot::swarm {
namespace {

Fixed<32> node(int number) {
  Fixed<32> out{};
  out[0] = static_cast<Byte>(number);
  out[1] = static_cast<Byte>(number >> 8);
  return out;
}
const std::string a(43, 'a'), b(43, 'b');

TEST(Cursor, KeepsAPlaceForEachNodeThroughItsText) {
  Cursor cursor;
  cursor.set(node(1), a, 1000, 0);
  cursor.set(node(2), b, 2000, 0);
  const Cursor again = Cursor::parse(cursor.text());
  EXPECT_EQ(again.last_hash(node(1), 500), a);
  EXPECT_EQ(again.last_hash(node(2), 500), b);
  EXPECT_EQ(again.last_hash(node(3), 500), "");
}

TEST(Cursor, ForgetsAPlaceWhoseEnvelopeHasExpired) {
  Cursor cursor;
  cursor.set(node(1), a, 1000, 0);
  EXPECT_EQ(cursor.last_hash(node(1), 1000), "");
  cursor.set(node(2), b, 5000, 1001);
  EXPECT_EQ(cursor.size(), 1u);
}

TEST(Cursor, IsEmptyTextWhenThereIsNothing) { EXPECT_EQ(Cursor().text(), ""); }

TEST(Cursor, TakesAnythingElseForAnEmptyOne) {
  for (const char* text :
       {"", "17", "12345-9", "[]", "{}", "{\"swarm1\":[]}", "{\"swarm1\":{\"00\":[\"x\",1]}}", "{\"swarm1\":{", "null"})
    EXPECT_EQ(Cursor::parse(text).size(), 0u) << text;
  EXPECT_EQ(Cursor::parse(std::string(100'000, '[')).size(), 0u);
}

TEST(Cursor, StaysWithinSixteenKilobytesWhateverTheSwarm) {
  Cursor cursor;
  for (int i = 0; i < 1000; ++i) cursor.set(node(i), a, 1'700'000'000'000 + i, 0);
  EXPECT_EQ(cursor.size(), Cursor::max_places);
  EXPECT_LE(cursor.text().size(), 16u * 1024);
  EXPECT_EQ(cursor.last_hash(node(999), 0), a);  // the ones that last longest stay
  EXPECT_EQ(Cursor::parse(cursor.text()).size(), Cursor::max_places);
}

TEST(Cursor, KnowsWhatAHashLooksLike) {
  EXPECT_TRUE(is_message_hash(a));
  EXPECT_FALSE(is_message_hash(a + "a"));
  EXPECT_FALSE(is_message_hash(std::string(42, 'a') + "="));
}

}  // namespace
}  // namespace argot::swarm
