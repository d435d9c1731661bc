// The arithmetic is tested by the protocol's own cases (vectors/sdk_vectors_test.cpp); here: what people get wrong.
#include <argot/error.h>
#include <argot/identity.h>
#include <gtest/gtest.h>
#include <sodium.h>

namespace argot {
namespace {

constexpr const char* good = "puffin luxury annoyed rustled memoir faxed smidgen puddle kiwi nylon utopia zinger kiwi";
constexpr const char* good_seed = "39038c8988db02c1af44e8c847bd9713";

std::string refusal_of_phrase(std::string_view words) {
  try {
    phrase::to_seed(words);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
    EXPECT_FALSE(error.remedy().empty());
    return error.sentence();
  }
  return "accepted";
}

TEST(Phrase, IsReadInAnyCaseAndWithAnyWhiteSpace) {
  EXPECT_EQ(to_hex(phrase::to_seed(good).view()), good_seed);
  EXPECT_EQ(
      to_hex(phrase::to_seed("  PUFFIN Luxury\tannoyed\nrustled  memoir faxed smidgen\r\npuddle kiwi nylon utopia "
                             "zinger KIWI ")
                 .view()),
      good_seed);
}

TEST(Phrase, MadeFromASeedIsReadBack) {
  EXPECT_EQ(phrase::from_seed(*from_hex(good_seed)), good);
  for (int i = 0; i < 2000; ++i) {
    Bytes seed(i % 2 ? 16 : 32);
    for (std::size_t j = 0; j < seed.size(); ++j)
      seed[j] = static_cast<Byte>(i * 31 + static_cast<int>(j * j) * (i % 7));
    ASSERT_TRUE(equal_secret(phrase::to_seed(phrase::from_seed(seed)).view(), seed)) << i;
  }
  const Bytes high(16, 0xff);
  EXPECT_TRUE(equal_secret(phrase::to_seed(phrase::from_seed(high)).view(), high));
}

TEST(Phrase, UnknownWordIsNamedWithItsPlaceAndItsNeighbour) {
  EXPECT_EQ(
      refusal_of_phrase("puffin luxury annoyed rustled memoir faxed smidgen puddle qiwi nylon utopia zinger kiwi"),
      "Word 9 of 13 in the recovery phrase, \"qiwi\", is not in the word list. Did you mean \"kiwi\"?");
  EXPECT_EQ(refusal_of_phrase("zq luxury annoyed rustled memoir faxed smidgen puddle kiwi nylon utopia zinger kiwi")
                .substr(0, 68),
            "Word 1 of 13 in the recovery phrase, \"zq\", is not in the word list. ");
  // Nothing is near, and what was typed may be anything.
  const std::string strange = refusal_of_phrase(
      "\x01\xff(((((((((((((((((((((((((((((((((( luxury annoyed rustled memoir faxed smidgen puddle kiwi "
      "nylon utopia zinger kiwi");
  EXPECT_NE(strange.find("(" + std::string(21, '(') + "...\""), std::string::npos) << strange;
  EXPECT_EQ(strange.find('\xff'), std::string::npos);
}

TEST(Phrase, MissingChecksumIsToldFromMissingWords) {
  EXPECT_EQ(
      refusal_of_phrase("puffin luxury annoyed rustled memoir faxed smidgen puddle kiwi nylon utopia zinger"),
      "The recovery phrase has 12 words, but a phrase has 13 words (or 25 for a 32-byte seed). The last word, which is "
      "the checksum, is missing: add it.");
  EXPECT_NE(refusal_of_phrase("puffin").find("has 1 word,"), std::string::npos);
  EXPECT_NE(refusal_of_phrase("").find("has 0 words"), std::string::npos);
  EXPECT_NE(
      refusal_of_phrase("puffin luxury annoyed rustled memoir faxed smidgen puddle kiwi nylon utopia zinger kiwi kiwi")
          .find("has 14 words"),
      std::string::npos);
  EXPECT_NE(refusal_of_phrase(std::string(100'000, 'a')).find("100000 characters"), std::string::npos);
}

TEST(Phrase, WrongChecksumNamesTheWordThatBelongsThere) {
  EXPECT_EQ(
      refusal_of_phrase("puffin luxury annoyed rustled memoir faxed smidgen puddle kiwi nylon utopia zinger zinger"),
      "Word 13 of 13 in the recovery phrase is the checksum and should be \"kiwi\", not \"zinger\". One of the "
      "words is "
      "wrong or out of order: compare each with what you wrote down.");
}

TEST(Phrase, TooLargeAGroupIsNamed) {
  EXPECT_NE(refusal_of_phrase("abbey abbey zoom rustled memoir faxed smidgen puddle kiwi nylon utopia zinger zinger")
                .find("Words 1 to 3"),
            std::string::npos);
  EXPECT_NE(refusal_of_phrase("puffin luxury annoyed abbey abbey zoom smidgen puddle kiwi nylon utopia zinger zinger")
                .find("Words 4 to 6"),
            std::string::npos);
}

TEST(Phrase, OnlySeedsOfTheRightSizeHaveOne) {
  EXPECT_THROW(phrase::from_seed(Bytes(15)), Error);
  EXPECT_THROW(phrase::from_seed({}), Error);
  EXPECT_THROW(phrase::encode_words(Bytes(3)), Error);
  EXPECT_TRUE(phrase::encode_words({}).empty());
}

TEST(WordList, IsTheOneThatEveryClientHas) {
  // Words 0, 1, 2 ... : each is the first word of the group that holds its number.
  std::string all;
  for (std::uint32_t i = 0; i < 1626; ++i) {
    const Bytes group{static_cast<Byte>(i), static_cast<Byte>(i >> 8), 0, 0};
    all += phrase::encode_words(group)[0] + '\n';
  }
  EXPECT_EQ(all.substr(0, 14), "abbey\nabducts\n");
  Fixed<32> hash;
  crypto_hash_sha256(hash.data(), view(all).data(), all.size());
  EXPECT_EQ(to_hex(hash), "eaa6bce7dd92f4d6dd74f224264e0ef4ad21095d68ec77616b26ceb599baf4f7");
}

}  // namespace
}  // namespace argot
