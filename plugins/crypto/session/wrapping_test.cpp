// The exact bytes are tested by the protocol's own case (session_suite_test.cpp); here: what others may send.
#include "wrapping.h"

#include <argot/error.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "wire_reader.h"

namespace argot::session {
namespace {

const Fixed<64> pro_sig = [] {
  Fixed<64> bytes;
  bytes.fill(0xab);
  return bytes;
}();

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}
Bytes length(std::size_t value) {
  Bytes out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<Byte>(value | 0x80));
  out.push_back(static_cast<Byte>(value));
  return out;
}
/// A field of bytes.
Bytes field(Byte number, const Bytes& bytes) {
  return joined({{static_cast<Byte>(number << 3 | 2)}, length(bytes.size()), bytes});
}
Bytes in_message(const Bytes& envelope) { return joined({{0x08, 1}, field(2, field(3, envelope))}); }

const Bytes time{0x28, 5}, content = field(8, {1, 2, 3});

std::string refusal(ByteView message) {
  try {
    unwrap(message);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::corrupt);
    return error.what();
  }
  return "accepted";
}

TEST(Wrapping, ComesApartAsItWasPutTogether) {
  for (std::size_t box : {0u, 1u, 63u, 64u, 127u, 128u, 304u, 16383u, 16384u, 76'000u})
    for (std::uint64_t timestamp :
         {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{1754971101000}, ~std::uint64_t{0}}) {
      Wrapper wrapper = wrap(box, timestamp, pro_sig);
      ASSERT_EQ(wrapper.bytes.size(), wrapped_size(box, timestamp));
      std::fill_n(wrapper.bytes.begin() + static_cast<std::ptrdiff_t>(wrapper.box_at), box, Byte{0xcc});
      const Unwrapped parts = unwrap(wrapper.bytes);
      EXPECT_EQ(parts.timestamp_ms, timestamp);
      EXPECT_EQ(to_bytes(parts.box), Bytes(box, 0xcc));
      EXPECT_TRUE(std::ranges::equal(parts.pro_sig, pro_sig));
      EXPECT_EQ(parts.envelope.data(), wrapper.bytes.data() + wrapper.envelope_at);
    }
}

TEST(Wrapping, OldSendersNeedNoProSignatureAndMayFillVerbAndPath) {
  const Bytes put{'P', 'U', 'T'}, path{'/', 'x'};
  const Bytes envelope = joined({{0x08, 6}, field(2, {}), time, {0x38, 1}, content});
  const Bytes message =
      joined({{0x08, 1}, field(2, joined({field(1, put), field(2, path), field(3, envelope), {0x20, 9}}))});
  const Unwrapped parts = unwrap(message);
  EXPECT_EQ(to_bytes(parts.box), (Bytes{1, 2, 3}));
  EXPECT_TRUE(parts.pro_sig.empty());
  EXPECT_EQ(parts.timestamp_ms, 5u);
}

TEST(Wrapping, FieldsMayComeInAnyOrderAndUnknownOnesAreIgnored) {
  const Bytes unknown =
      joined({field(15, {9, 9}), {0x65, 1, 2, 3, 4}, {0x61, 1, 2, 3, 4, 5, 6, 7, 8}, {0x78, 0x80, 1}});
  const Bytes envelope = joined({unknown, content, time, {0x08, 7}});
  const Bytes message = joined({unknown, field(2, joined({unknown, field(3, envelope)})), {0x08, 1}});
  EXPECT_EQ(unwrap(message).timestamp_ms, 5u);
}

TEST(Wrapping, FieldOfAnotherTypeIsAnUnknownField) {
  EXPECT_EQ(refusal(in_message(joined({field(5, {1}), content}))), "A received envelope has no time stamp.");
}

TEST(Wrapping, WhatIsMissingIsNamed) {
  EXPECT_EQ(refusal({}), "A received message is no request (type 0).");
  EXPECT_EQ(refusal(Bytes{0x08, 2}), "A received message is no request (type 2).");
  EXPECT_EQ(refusal(Bytes{0x08, 1}), "A received message holds no envelope.");
  EXPECT_EQ(refusal(Bytes{0x08, 1, 0x12, 0}), "A received message holds no envelope.");
  EXPECT_EQ(refusal(in_message({})), "A received envelope has no time stamp.");
  EXPECT_EQ(refusal(in_message(time)), "A received envelope has no content.");
  EXPECT_EQ(refusal(in_message(joined({time, content, field(11, Bytes(63))}))),
            "A received envelope has a Pro signature of 63 bytes instead of 64.");
  EXPECT_EQ(refusal(in_message(joined({time, content, field(11, {})}))),
            "A received envelope has a Pro signature of 0 bytes instead of 64.");
  EXPECT_EQ(refusal(in_message(joined({field(2, Bytes(65, '0')), time, content}))),
            "A received envelope names a source of 65 characters instead of 66.");
  EXPECT_EQ(refusal(in_message(joined({field(2, Bytes(66, '0')), time, content}))), "accepted");
}

TEST(Wrapping, EveryTruncationIsRefused) {
  const Bytes whole = wrap(304, 1754971101000, pro_sig).bytes;
  for (std::size_t size = 0; size + 2 < whole.size(); ++size)
    EXPECT_NE(refusal(ByteView(whole).first(size)), "accepted") << size;
}

TEST(Wrapping, LargerThanANodeTakesIsRefused) {
  EXPECT_NE(refusal(Bytes(max_wrapped + 1, 0)).find("76801 bytes"), std::string::npos);
}

TEST(Wrapping, ImpossibleLengthsAndTagsAreRefused) {
  for (const char* hex : {"0801 12ff",                          // cut inside a length
                          "0801 12ffffffff0f",                  // 4 GiB
                          "0801 12ffffffffffffffffff01",        // 2^64 - 1
                          "0801 12ffffffffffffffffff02",        // more than 64 bits
                          "0801 1280808080808080808080808000",  // a number without end
                          "0801 0200", "0801 00",               // field 0
                          "0801 8a80808080808080808001 00",     // field number above 2^32
                          "0801 13", "0801 14", "0801 1b1c",    // groups
                          "0801 1601", "0801 1701",             // types that do not exist
                          "0801 1d0000", "0801 190000000000"}) {
    std::string digits;
    for (char c : std::string(hex))
      if (c != ' ') digits += c;
    EXPECT_NE(refusal(*from_hex(digits)).find("damaged near byte"), std::string::npos) << hex;
  }
}

TEST(Wrapping, RubbishIsRefusedWithoutACrash) {
  std::mt19937 random(7);
  const Bytes whole = wrap(304, 1754971101000, pro_sig).bytes;
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes = whole;
    for (unsigned n = 1 + random() % 8; n > 0; --n) bytes[random() % 40] = static_cast<Byte>(random());
    refusal(bytes);
    Bytes noise(random() % 80);
    for (Byte& byte : noise) byte = static_cast<Byte>(random());
    refusal(noise);
  }
}

TEST(WireReader, NamesPlaceAndThing) {
  const Bytes bytes{0x08, 1, 0x12, 9, 1};
  WireReader reader(bytes, "parcel");
  WireReader::Field field;
  ASSERT_TRUE(reader.next(field));
  EXPECT_TRUE(field.is(1, WireReader::Type::varint));
  try {
    reader.next(field);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "The parcel is damaged near byte 4 of 5.");
  }
}

}  // namespace
}  // namespace argot::session
