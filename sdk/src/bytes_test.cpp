#include <argot/bytes.h>
#include <gtest/gtest.h>

namespace argot {
namespace {

TEST(Hex, RoundTripsEveryByteInLowerCase) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<Byte>(i));
  const std::string text = to_hex(all);
  EXPECT_EQ(text.substr(0, 8), "00010203");
  EXPECT_EQ(text.substr(text.size() - 4), "feff");
  EXPECT_EQ(from_hex(text), all);
}

TEST(Hex, ReadsBothCasesAndNothingElse) {
  EXPECT_EQ(from_hex("aBCd"), (Bytes{0xab, 0xcd}));
  EXPECT_EQ(from_hex(""), Bytes{});
  for (const char* bad : {"a", "0g", " 00", "00 ", "0x00", "0\n", "-1", "\xc3\xa4"})
    EXPECT_EQ(from_hex(bad), std::nullopt) << bad;
}

TEST(Hex, FixedSizesAreExact) {
  EXPECT_TRUE(fixed_from_hex<2>("0102"));
  EXPECT_FALSE(fixed_from_hex<2>("01"));
  EXPECT_FALSE(fixed_from_hex<2>("010203"));
}

TEST(Base64, WritesTheTestVectorsOfItsStandard) {
  // RFC 4648 section 10.
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : cases) {
    EXPECT_EQ(to_base64(view(plain)), text);
    EXPECT_EQ(from_base64(text), to_bytes(view(plain)));
    std::string bare = text;
    while (bare.ends_with('=')) bare.pop_back();
    EXPECT_EQ(to_base64(view(plain), Padding::without), bare);
    EXPECT_EQ(from_base64(bare), to_bytes(view(plain)));
  }
}

TEST(Base64, RoundTripsEveryLengthAndDigit) {
  Bytes bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64(bytes, Padding::without)), bytes);
    bytes.push_back(static_cast<Byte>(i * 37));
  }
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* bad : {"Z", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm=v", "Zm9v\n", " Zm9v", "Zm9-", "Zm9_", "Zm9v*",
                          "\xff\xff\xff\xff", "A===", "Zg==Zg=="})
    EXPECT_EQ(from_base64(bad), std::nullopt) << bad;
}

TEST(Base64, RefusesASecondSpellingOfTheSameBytes) {
  EXPECT_EQ(from_base64("Zh=="), std::nullopt);  // would be "f" again, with stray bits
  EXPECT_EQ(from_base64("Zm9="), std::nullopt);
}

TEST(EqualSecret, ComparesLengthAndContent) {
  const Bytes a{1, 2, 3}, b{1, 2, 4}, c{1, 2};
  EXPECT_TRUE(equal_secret(a, a));
  EXPECT_FALSE(equal_secret(a, b));
  EXPECT_FALSE(equal_secret(a, c));
  EXPECT_TRUE(equal_secret({}, {}));
}

}  // namespace
}  // namespace argot
