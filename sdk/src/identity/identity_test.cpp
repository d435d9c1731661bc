#include <argot/error.h>
#include <argot/identity.h>
#include <gtest/gtest.h>
#include <sodium.h>

namespace argot {
namespace {

std::unique_ptr<Identity> identity(Byte fill, std::size_t size = 16) {
  return make_identity(Secret(Bytes(size, fill)));
}

TEST(Identity, SeedOf16BytesIsPaddedWithZeros) {
  Bytes padded(32, 0);
  std::fill_n(padded.begin(), 16, Byte{9});
  EXPECT_EQ(identity(9)->id(), make_identity(Secret(padded))->id());
  EXPECT_NE(identity(9)->id(), identity(9, 32)->id());
  EXPECT_THROW(make_identity(Secret(Bytes(20, 1))), Error);
  EXPECT_THROW(make_identity(Secret()), Error);
}

TEST(Identity, SignsSoThatOthersCanVerify) {
  const auto alice = identity(1), bob = identity(2);
  const std::string message = "meet me at noon", other = "meet me at nine";
  const auto signature = alice->sign(view(message));
  EXPECT_TRUE(keys::verify(signature, view(message), alice->ed25519_public()));
  EXPECT_FALSE(keys::verify(signature, view(other), alice->ed25519_public()));
  EXPECT_FALSE(keys::verify(signature, view(message), bob->ed25519_public()));
  EXPECT_FALSE(keys::verify(ByteView(signature).first(63), view(message), alice->ed25519_public()));
  EXPECT_FALSE(keys::verify(signature, view(message), ByteView(alice->ed25519_public()).first(31)));
  EXPECT_TRUE(keys::verify(alice->sign({}), {}, alice->ed25519_public()));
}

TEST(Identity, TwoAgreeOnOneSecret) {
  const auto alice = identity(1), bob = identity(2), eve = identity(3);
  EXPECT_TRUE(equal_secret(alice->agree(bob->x25519_public()).view(), bob->agree(alice->x25519_public()).view()));
  EXPECT_FALSE(equal_secret(alice->agree(bob->x25519_public()).view(), eve->agree(alice->x25519_public()).view()));
}

TEST(Identity, RefusesToAgreeWithPointsOfLowOrder) {
  // Orders 4, 1, 8, 8, 2 (u = 0, 1, the two of order 8, -1), and two above the modulus.
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"})
    EXPECT_THROW(identity(1)->agree(*from_hex(point)), Error) << point;
  EXPECT_THROW(identity(1)->agree(Bytes(31, 9)), Error);
}

TEST(Identity, DerivedKeysDependOnSeedLabelAndContext) {
  const auto alice = identity(1), bob = identity(2);
  const Bytes context{1}, other{2};
  const Secret key = alice->derive("storage", context);
  EXPECT_EQ(key.size(), 32u);
  EXPECT_TRUE(equal_secret(key.view(), alice->derive("storage", context).view()));
  EXPECT_FALSE(equal_secret(key.view(), alice->derive("storagf", context).view()));
  EXPECT_FALSE(equal_secret(key.view(), alice->derive("storage", other).view()));
  EXPECT_FALSE(equal_secret(key.view(), bob->derive("storage", context).view()));
  EXPECT_NO_THROW(alice->derive("", {}));
  EXPECT_THROW(alice->derive("seventeen letters", {}), Error);
}

TEST(Keys, EdwardsKeyThatIsNoPointHasNoMontgomeryForm) {
  EXPECT_FALSE(keys::x25519_from_ed25519(Bytes(32, 0)));  // of order 4
  EXPECT_FALSE(keys::x25519_from_ed25519(Bytes(32, 2)));  // not on the curve
  EXPECT_FALSE(keys::x25519_from_ed25519(Bytes(31, 1)));
  Bytes one(32, 0);
  one[0] = 1;
  EXPECT_FALSE(keys::x25519_from_ed25519(one));  // the neutral point
}

TEST(Keys, ConversionsAreInverseUpToTheSign) {
  for (Byte fill = 1; fill < 60; ++fill) {
    const auto someone = identity(fill);
    auto positive = someone->ed25519_public();
    positive[31] &= 0x7f;
    EXPECT_EQ(keys::ed25519_from_x25519(someone->x25519_public()), positive);
    EXPECT_EQ(keys::x25519_from_ed25519(someone->ed25519_public()), someone->x25519_public());
  }
}

TEST(Keys, ConversionOfEdgesIsDefined) {
  Bytes minus_one(32, 0xff);  // u = -1, where the formula divides by zero
  minus_one[0] = 0xec;
  minus_one[31] = 0x7f;
  EXPECT_EQ(to_hex(keys::ed25519_from_x25519(minus_one)), std::string(64, '0'));
  EXPECT_EQ(keys::ed25519_from_x25519(Bytes(32, 0xff)),
            keys::ed25519_from_x25519(*from_hex(  // bit 255 is ignored, and 2^255-1 is 18
                "1200000000000000000000000000000000000000000000000000000000000000")));
  EXPECT_THROW(keys::ed25519_from_x25519(Bytes(31)), Error);
}

TEST(XEd25519, SignaturesVerifyForEverySignOfTheKey) {
  const std::string message = "hello", other = "hallo";
  int negative = 0;
  for (Byte fill = 1; fill < 20; ++fill) {
    const Bytes secret(32, fill);
    Fixed<32> public_key;
    crypto_scalarmult_base(public_key.data(), secret.data());
    const auto signature = keys::xed25519_sign(Secret(secret), view(message), Bytes(64, 5));
    EXPECT_TRUE(keys::xed25519_verify(signature, view(message), public_key));
    EXPECT_FALSE(keys::xed25519_verify(signature, view(other), public_key));
    // With other randomness, another signature that is as good.
    const auto second = keys::xed25519_sign(Secret(secret), view(message), Bytes(64, 6));
    EXPECT_NE(signature, second);
    EXPECT_TRUE(keys::xed25519_verify(second, view(message), public_key));

    Fixed<32> clamped, point;
    std::copy(secret.begin(), secret.end(), clamped.begin());
    clamped[0] &= 248;
    clamped[31] = static_cast<Byte>((clamped[31] & 127) | 64);
    ASSERT_EQ(crypto_scalarmult_ed25519_base_noclamp(point.data(), clamped.data()), 0);
    negative += point[31] >> 7;
  }
  EXPECT_GT(negative, 0);  // both signs were tried
  EXPECT_LT(negative, 19);
}

TEST(XEd25519, RefusesWrongSizes) {
  EXPECT_THROW(keys::xed25519_sign(Secret(Bytes(31, 1)), {}, Bytes(64)), Error);
  EXPECT_THROW(keys::xed25519_sign(Secret(Bytes(32, 1)), {}, Bytes(63)), Error);
  EXPECT_FALSE(keys::xed25519_verify(Bytes(64), {}, Bytes(31)));
  EXPECT_FALSE(keys::xed25519_verify(Bytes(63), {}, Bytes(32)));
}

TEST(Blake2b, RefusesSizesThatItDoesNotHave) {
  EXPECT_EQ(keys::blake2b(2, {}).size(), 2u);
  EXPECT_EQ(keys::blake2b(64, {}).size(), 64u);
  EXPECT_THROW(keys::blake2b(0, {}), Error);
  EXPECT_THROW(keys::blake2b(65, {}), Error);
  EXPECT_THROW(keys::blake2b(32, {}, Bytes(65)), Error);
  EXPECT_THROW(keys::blake2b(32, {}, {}, "seventeen letters"), Error);
}

TEST(MessageHash, DependsOnMailboxNamespaceAndData) {
  const AccountId alice = identity(1)->id(), bob = identity(2)->id();
  const Bytes data{1, 2, 3};
  const std::string hash = keys::message_hash(alice, 0, data);
  EXPECT_EQ(hash.size(), 43u);
  EXPECT_NE(hash, keys::message_hash(bob, 0, data));
  EXPECT_NE(hash, keys::message_hash(alice, 1, data));
  EXPECT_NE(keys::message_hash(alice, 1, data), keys::message_hash(alice, -1, data));
  EXPECT_NE(hash, keys::message_hash(alice, 0, Bytes{1, 2}));
}

}  // namespace
}  // namespace argot
