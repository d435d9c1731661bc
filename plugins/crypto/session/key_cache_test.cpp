#include "key_cache.h"

#include <gtest/gtest.h>

namespace argot::session {
namespace {

std::unique_ptr<Identity> person(Byte fill) { return make_identity(Secret(Bytes(16, fill))); }

TEST(KeyCache, GivesTheSameAsTheConversion) {
  KeyCache cache(3);
  for (int round = 0; round < 3; ++round)
    for (Byte fill = 1; fill < 7; ++fill) {
      const auto someone = person(fill);
      EXPECT_EQ(cache.x25519(someone->ed25519_public()), someone->x25519_public());
      EXPECT_LE(cache.size(), 3u);
    }
}

TEST(KeyCache, ForgetsWhoWasSilentLongest) {
  KeyCache cache(2);
  cache.x25519(person(1)->ed25519_public());
  cache.x25519(person(2)->ed25519_public());
  cache.x25519(person(1)->ed25519_public());
  cache.x25519(person(3)->ed25519_public());
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_TRUE(cache.knows(person(1)->ed25519_public()));
  EXPECT_FALSE(cache.knows(person(2)->ed25519_public()));
  EXPECT_TRUE(cache.knows(person(3)->ed25519_public()));
}

TEST(KeyCache, DoesNotRememberWhatIsNoKey) {
  KeyCache cache(2);
  EXPECT_FALSE(cache.x25519(Fixed<32>{}));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(KeyCache, MayHaveNoRoomAtAll) {
  KeyCache cache(0);
  EXPECT_EQ(cache.x25519(person(1)->ed25519_public()), person(1)->x25519_public());
  EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace argot::session
