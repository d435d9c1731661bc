// Alice seals for Bob; Eve and Mallory do what they can.
#include "sealed.h"

#include <argot/error.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>

namespace argot::session {
namespace {

class Sealed : public ::testing::Test {
 protected:
  const std::unique_ptr<Identity> alice = person(1), bob = person(2), mallory = person(3);
  const Bytes padded = Bytes(160, 0x55), ephemeral = Bytes(32, 0x77);

  static std::unique_ptr<Identity> person(Byte fill) { return make_identity(Secret(Bytes(16, fill))); }

  Bytes seal(const Identity& from, const Identity& to) const {
    Bytes box(box_overhead + padded.size() + proof_size);
    std::ranges::copy(padded, box.begin() + box_overhead);
    seal_in_place(box, from, to.x25519_public(), ephemeral);
    return box;
  }
  /// A box that is right in every way but holds what Mallory put together.
  static Bytes box_around(ByteView inner, const Identity& to) {
    Bytes box(inner.size() + crypto_box_SEALBYTES);
    crypto_box_seal(box.data(), inner.data(), inner.size(), to.x25519_public().data());
    return box;
  }
  static Bytes inner_of(ByteView padded, ByteView named_sender, const Identity& signer, ByteView named_recipient) {
    Bytes message = to_bytes(padded);
    message.insert(message.end(), named_sender.begin(), named_sender.end());
    Bytes to_sign = message;
    to_sign.insert(to_sign.end(), named_recipient.begin(), named_recipient.end());
    const auto signature = signer.sign(to_sign);
    message.insert(message.end(), signature.begin(), signature.end());
    return message;
  }
  static Code refusal(const Identity& to, ByteView box) {
    try {
      unseal(to, box);
    } catch (const Error& error) {
      return error.code();
    }
    return Code::internal;  // accepted
  }
};

TEST_F(Sealed, BobReadsWhatAliceSealed) {
  const Unsealed opened = unseal(*bob, seal(*alice, *bob));
  EXPECT_EQ(opened.padded, padded);
  EXPECT_EQ(opened.sender_ed25519, alice->ed25519_public());
}

TEST_F(Sealed, BoxIsWhatLibsodiumOpens) {
  const Bytes box = seal(*alice, *bob);
  Fixed<32> ed_public, x_public;
  Fixed<64> ed_secret;
  Fixed<32> x_secret, seed{};
  std::fill_n(seed.begin(), 16, Byte{2});
  crypto_sign_seed_keypair(ed_public.data(), ed_secret.data(), seed.data());
  ASSERT_EQ(crypto_sign_ed25519_pk_to_curve25519(x_public.data(), ed_public.data()), 0);
  ASSERT_EQ(crypto_sign_ed25519_sk_to_curve25519(x_secret.data(), ed_secret.data()), 0);
  Bytes inner(box.size() - crypto_box_SEALBYTES);
  ASSERT_EQ(crypto_box_seal_open(inner.data(), box.data(), box.size(), x_public.data(), x_secret.data()), 0);
  EXPECT_EQ(inner, inner_of(padded, alice->ed25519_public(), *alice, bob->x25519_public()));
}

TEST_F(Sealed, BoxOfLibsodiumIsWhatBobOpens) {
  const Bytes inner = inner_of(padded, alice->ed25519_public(), *alice, bob->x25519_public());
  EXPECT_EQ(unseal(*bob, box_around(inner, *bob)).padded, padded);
}

TEST_F(Sealed, NobodyElseReadsIt) { EXPECT_EQ(refusal(*mallory, seal(*alice, *bob)), Code::unauthenticated); }

TEST_F(Sealed, AliceCannotReadItEither) { EXPECT_EQ(refusal(*alice, seal(*alice, *bob)), Code::unauthenticated); }

TEST_F(Sealed, EveryFlippedBitIsNoticed) {
  const Bytes box = seal(*alice, *bob);
  for (std::size_t i = 0; i < box.size(); ++i) {
    Bytes damaged = box;
    damaged[i] ^= static_cast<Byte>(1 << (i % 8));
    // Bit 255 of the ephemeral key does not change the point, but it does change the nonce.
    EXPECT_EQ(refusal(*bob, damaged), Code::unauthenticated) << "byte " << i;
  }
  Bytes high_bit = box;
  high_bit[31] ^= 0x80;
  EXPECT_EQ(refusal(*bob, high_bit), Code::unauthenticated);
}

TEST_F(Sealed, EveryTruncationAndExtensionIsNoticed) {
  Bytes box = seal(*alice, *bob);
  for (std::size_t size = 0; size < box.size(); ++size)
    EXPECT_NE(refusal(*bob, ByteView(box).first(size)), Code::internal) << size;
  box.push_back(0);
  EXPECT_EQ(refusal(*bob, box), Code::unauthenticated);
}

TEST_F(Sealed, MalloryCannotSignForAlice) {
  EXPECT_EQ(refusal(*bob, box_around(inner_of(padded, alice->ed25519_public(), *mallory, bob->x25519_public()), *bob)),
            Code::unauthenticated);
}

TEST_F(Sealed, MalloryCannotClaimAlicesMessage) {
  Bytes inner = inner_of(padded, alice->ed25519_public(), *alice, bob->x25519_public());
  std::ranges::copy(mallory->ed25519_public(), inner.begin() + static_cast<std::ptrdiff_t>(padded.size()));
  EXPECT_EQ(refusal(*bob, box_around(inner, *bob)), Code::unauthenticated);
}

TEST_F(Sealed, MalloryCannotPassOnWhatAliceSentToHim) {
  // Alice signed it for Mallory; Bob must not take it for a message to himself.
  const Unsealed got = unseal(*mallory, seal(*alice, *mallory));
  const Bytes inner = inner_of(got.padded, alice->ed25519_public(), *alice, mallory->x25519_public());
  EXPECT_EQ(refusal(*bob, box_around(inner, *bob)), Code::unauthenticated);
}

TEST_F(Sealed, MalloryCannotMoveTheBorderBetweenContentAndKey) {
  // The signature covers content | key | recipient: another split of the same bytes names another sender.
  Bytes inner = inner_of(padded, alice->ed25519_public(), *alice, bob->x25519_public());
  inner.insert(inner.begin(), 0);
  EXPECT_EQ(refusal(*bob, box_around(inner, *bob)), Code::unauthenticated);
}

TEST_F(Sealed, SenderKeyOfLowOrderIsNoSender) {
  // The neutral point, zero, and one of order 8 verify too much in careless implementations.
  for (const char* point : {"0100000000000000000000000000000000000000000000000000000000000000",
                            "0000000000000000000000000000000000000000000000000000000000000000",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}) {
    Bytes inner = padded;
    const Bytes key = *from_hex(point);
    inner.insert(inner.end(), key.begin(), key.end());
    Bytes signature(64, 0);
    signature[0] = 1;
    inner.insert(inner.end(), signature.begin(), signature.end());
    EXPECT_EQ(refusal(*bob, box_around(inner, *bob)), Code::unauthenticated) << point;
  }
}

TEST_F(Sealed, SignatureWithALargeScalarIsRefused) {
  // S and S + L sign alike unless the verifier asks for the smaller: an envelope must have one form.
  Bytes inner = inner_of(padded, alice->ed25519_public(), *alice, bob->x25519_public());
  static constexpr Byte order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                     0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                     0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  sodium_add(inner.data() + inner.size() - 32, order, 32);
  EXPECT_EQ(refusal(*bob, box_around(inner, *bob)), Code::unauthenticated);
}

TEST_F(Sealed, EphemeralKeyOfLowOrderIsRefused) {
  Bytes box = seal(*alice, *bob);
  std::fill_n(box.begin(), 32, Byte{0});
  EXPECT_EQ(refusal(*bob, box), Code::unauthenticated);
  box[0] = 1;
  EXPECT_EQ(refusal(*bob, box), Code::unauthenticated);
}

TEST_F(Sealed, RecipientKeyOfLowOrderIsRefused) {
  Bytes box(box_overhead + 160 + proof_size);
  try {
    seal_in_place(box, *alice, Bytes(32, 0), ephemeral);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
  }
}

TEST_F(Sealed, TooShortForAnyMessageIsSaidSo) {
  EXPECT_EQ(refusal(*bob, {}), Code::corrupt);
  EXPECT_EQ(refusal(*bob, Bytes(box_overhead + proof_size, 0)), Code::corrupt);
  EXPECT_EQ(refusal(*bob, Bytes(box_overhead + proof_size + 1, 0)), Code::unauthenticated);
}

}  // namespace
}  // namespace argot::session
