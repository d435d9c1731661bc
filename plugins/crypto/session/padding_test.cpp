#include "padding.h"

#include <gtest/gtest.h>

namespace argot::session {
namespace {

TEST(Padding, IsAlwaysWholeBlocksAndRoomForTheMark) {
  for (std::size_t size = 0; size < 2000; ++size) {
    EXPECT_EQ(padded_size(size) % padding_block, 0u);
    EXPECT_GT(padded_size(size), size + 1);  // a zero follows the mark: a full block is never the last
    EXPECT_LE(padded_size(size), size + 1 + padding_block);
  }
  EXPECT_EQ(padded_size(158), 160u);
  EXPECT_EQ(padded_size(159), 320u);
}

std::string unpadded(std::string_view hex) {
  const Bytes bytes = *from_hex(hex);
  return to_hex(ByteView(bytes).first(unpadded_size(bytes)));
}

TEST(Unpadding, RemovesMarkAndZeros) {
  EXPECT_EQ(unpadded("0102038000"), "010203");
  EXPECT_EQ(unpadded("01020380"), "010203");
  EXPECT_EQ(unpadded("80"), "");
  EXPECT_EQ(unpadded("8080"), "80");          // content may end with the mark's value
  EXPECT_EQ(unpadded("0100800000"), "0100");  // and with zeros
}

TEST(Unpadding, ToleratesWhatIsNotPadded) {
  EXPECT_EQ(unpadded("010203"), "010203");
  EXPECT_EQ(unpadded("01020300"), "010203");
  EXPECT_EQ(unpadded(""), "");
  EXPECT_EQ(unpadded("000000"), "");
}

}  // namespace
}  // namespace argot::session
