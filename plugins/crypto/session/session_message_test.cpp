#include "session_message.h"

#include <argot/error.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>

#include "padding.h"
#include "sealed.h"
#include "wrapping.h"

namespace argot::session {
namespace {

constexpr std::uint64_t noon = 1754971101000;

class Message : public ::testing::Test {
 protected:
  const std::unique_ptr<Identity> alice = person(1), bob = person(2);
  KeyCache cache{4};

  static std::unique_ptr<Identity> person(Byte fill) { return make_identity(Secret(Bytes(16, fill))); }
  static Randomness randomness(Byte fill = 0x42) { return randomness_from(Bytes(random_bytes, fill)); }
  Bytes seal(ByteView content, Byte fill = 0x42) const {
    return seal_message(*alice, bob->x25519_public(), content, noon, randomness(fill));
  }
};

TEST_F(Message, ArrivesAsItWasSentWhateverItsLength) {
  for (std::size_t size : {0u, 1u, 157u, 158u, 159u, 160u, 2000u, 60'000u}) {
    const Bytes content(size, 0x80);  // ends like padding does
    const Opened opened = open_message(*bob, seal(content), cache);
    EXPECT_EQ(opened.content, content);
    EXPECT_EQ(opened.sender, alice->id());
    EXPECT_EQ(opened.sent_at_ms, noon);
  }
}

TEST_F(Message, ContentThatEndsInZerosKeepsThem) {
  const Bytes content{1, 0, 0, 0};
  EXPECT_EQ(open_message(*bob, seal(content), cache).content, content);
}

TEST_F(Message, LargestContentFitsAndOneByteMoreDoesNot) {
  const Bytes largest(max_content(), 'x');
  const Bytes message = seal_message(*alice, bob->x25519_public(), largest, ~0ull, randomness());
  EXPECT_LE(message.size(), 76'800u);
  EXPECT_EQ(open_message(*bob, message, cache).content, largest);
  try {
    seal(Bytes(max_content() + 1, 'x'));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST_F(Message, MessageToOneselfIsOnesOwn) {
  const Bytes message = seal_message(*alice, alice->x25519_public(), Bytes{1}, noon, randomness());
  EXPECT_EQ(open_message(*alice, message, cache).sender, alice->id());
  EXPECT_EQ(cache.size(), 0u);
}

TEST_F(Message, LengthTellsNothingWithinABlock) {
  EXPECT_EQ(seal(Bytes(1)).size(), seal(Bytes(158)).size());
  EXPECT_LT(seal(Bytes(158)).size(), seal(Bytes(159)).size());
}

TEST_F(Message, OtherRandomnessGivesAnotherMessageInEveryPart) {
  const Bytes first = seal(Bytes(10), 1), second = seal(Bytes(10), 2);
  const Unwrapped a = unwrap(first), b = unwrap(second);
  EXPECT_FALSE(std::ranges::equal(a.box.first(32), b.box.first(32)));
  EXPECT_FALSE(std::ranges::equal(a.box.subspan(32), b.box.subspan(32)));
  EXPECT_FALSE(std::ranges::equal(a.pro_sig, b.pro_sig));
}

TEST_F(Message, SameRandomnessRepeatsItToTheByte) { EXPECT_EQ(seal(Bytes(10)), seal(Bytes(10))); }

TEST_F(Message, DecoyLooksLikeASignature) {
  for (Byte fill = 1; fill < 20; ++fill) {
    const auto decoy = randomness(fill).pro_sig;
    EXPECT_TRUE(crypto_core_ed25519_is_valid_point(decoy.data()));  // on the curve, in the main subgroup
    Fixed<64> wide{};
    std::copy_n(decoy.begin() + 32, 32, wide.begin());
    Fixed<32> reduced;
    crypto_core_ed25519_scalar_reduce(reduced.data(), wide.data());
    EXPECT_TRUE(std::equal(reduced.begin(), reduced.end(), decoy.begin() + 32));  // a scalar below the order
  }
}

TEST_F(Message, UnsignedPartsOfTheEnvelopeAreTakenAsTheyAre) {
  // The envelope's time stamp is outside the box: whoever compares it with the content's notices a change.
  Bytes message = seal(Bytes{1});
  const Bytes written{0xc8, 0xae, 0xb7, 0xe3, 0x89, 0x33};
  const auto stamp = std::search(message.begin(), message.end(), written.begin(), written.end());
  ASSERT_NE(stamp, message.end());
  *stamp ^= 1;
  EXPECT_EQ(open_message(*bob, message, cache).sent_at_ms, noon ^ 1);
}

TEST_F(Message, EveryFlippedBitOfTheBoxIsNoticedAndNoOtherCrashes) {
  const Bytes whole = seal(Bytes(20));
  const Unwrapped parts = unwrap(whole);
  const auto box_at = static_cast<std::size_t>(parts.box.data() - whole.data());
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (int bit : {0, 3, 7}) {
      Bytes damaged = whole;
      damaged[i] ^= static_cast<Byte>(1 << bit);
      bool accepted = true;
      try {
        const Opened opened = open_message(*bob, damaged, cache);
        EXPECT_EQ(opened.sender, alice->id());
        EXPECT_EQ(opened.content, Bytes(20));
      } catch (const Error& error) {
        accepted = false;
        EXPECT_TRUE(error.code() == Code::corrupt || error.code() == Code::unauthenticated);
      }
      if (i >= box_at && i < box_at + parts.box.size()) {
        EXPECT_FALSE(accepted) << i;
      }
    }
}

TEST_F(Message, AllZeroAndEmptyEnvelopesAreCorrupt) {
  for (const Bytes& bytes : {Bytes(), Bytes(1), Bytes(500), Bytes(76'800), Bytes(100'000), Bytes(500, 0xff)}) {
    try {
      open_message(*bob, bytes, cache);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::corrupt);
    }
  }
}

TEST_F(Message, ContentOfNothingButPaddingIsEmpty) {
  for (const Bytes& padded : {Bytes(160, 0), Bytes{0x80}, Bytes{0}}) {
    Bytes box(box_overhead + padded.size() + proof_size);
    std::ranges::copy(padded, box.begin() + box_overhead);
    seal_in_place(box, *alice, bob->x25519_public(), Bytes(32, 7));
    Wrapper wrapper = wrap(box.size(), noon, Fixed<64>{});
    std::ranges::copy(box, wrapper.bytes.begin() + static_cast<std::ptrdiff_t>(wrapper.box_at));
    EXPECT_EQ(open_message(*bob, wrapper.bytes, cache).content, Bytes());
  }
}

TEST_F(Message, StrangersWhoForgeDoNotFillTheCache) {
  Bytes damaged = seal(Bytes{1});
  damaged[200] ^= 1;
  EXPECT_THROW(open_message(*bob, damaged, cache), Error);
  EXPECT_EQ(cache.size(), 0u);
  open_message(*bob, seal(Bytes{1}), cache);
  EXPECT_EQ(cache.size(), 1u);
}

}  // namespace
}  // namespace argot::session
