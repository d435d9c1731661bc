#include <argot/content.h>
#include <gtest/gtest.h>

namespace argot {
namespace {

/// What a text becomes on its way from another client's bytes.
std::string received(std::string body) {
  Bytes bytes{0x0a, static_cast<Byte>(body.size() + 2), 0x0a, static_cast<Byte>(body.size())};
  bytes.insert(bytes.end(), body.begin(), body.end());
  return std::get<Text>(decode_content(bytes).body).body;
}

TEST(ReceivedText, ValidUtf8StaysAsItIs) {
  for (const char* text : {"plain ASCII, longer than eight", "\u00e4\u20ac", "\U0001f602\U0001f469\u200d\U0001f680",
                           "\u05e9\u05dc\u05d5\u05dd", "\x7f", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf",
                           "\xf0\x90\x80\x80", "\xe0\xa0\x80", "\xc2\x80"})
    EXPECT_EQ(received(text), text);
}

TEST(ReceivedText, BytesOfNoCodePointAreReplaced) {
  const std::string mark = "\ufffd";
  EXPECT_EQ(received("a\xff"
                     "b"),
            "a" + mark + "b");
  EXPECT_EQ(received("eight ok\x80"), "eight ok" + mark);
  EXPECT_EQ(received("\xc3"), mark);  // cut off
  EXPECT_EQ(received("\xe2\x82"), mark + mark);
  EXPECT_EQ(received("\xf0\x9f\x98"), mark + mark + mark);
  EXPECT_EQ(received("\xc0\x80"), mark + mark);  // overlong
  EXPECT_EQ(received("\xe0\x9f\xbf"), mark + mark + mark);
  EXPECT_EQ(received("\xf0\x8f\xbf\xbf"), mark + mark + mark + mark);
  EXPECT_EQ(received("\xed\xa0\x80"), mark + mark + mark);  // a lone surrogate, which JavaScript can produce
  EXPECT_EQ(received("\xf4\x90\x80\x80"), mark + mark + mark + mark);
  EXPECT_EQ(received("\xf5"), mark);
}

}  // namespace
}  // namespace argot
