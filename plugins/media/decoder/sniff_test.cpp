#include "sniff.h"

#include <gtest/gtest.h>

namespace argot::media {
namespace {

using namespace std::string_view_literals;

TEST(Sniff, KnowsTheUsualFiles) {
  EXPECT_EQ(sniff(view("\xFF\xD8\xFF\xE1 rest"sv)), "image/jpeg");
  EXPECT_EQ(sniff(view("\x89PNG\r\n\x1A\n rest"sv)), "image/png");
  EXPECT_EQ(sniff(view("GIF89a rest"sv)), "image/gif");
  EXPECT_EQ(sniff(view("RIFF\1\0\0\0WEBPVP8 "sv)), "image/webp");
  EXPECT_EQ(sniff(view("RIFF\1\0\0\0WAVEfmt "sv)), "audio/wav");
  EXPECT_EQ(sniff(view("\0\0\0\x18"
                       "ftypheic\0\0\0\0"sv)),
            "image/heic");
  EXPECT_EQ(sniff(view("\0\0\0\x18"
                       "ftypisom\0\0\0\0"sv)),
            "video/mp4");
  EXPECT_EQ(sniff(view("OggS\0\2"sv)), "audio/ogg");
  EXPECT_EQ(sniff(view("%PDF-1.7"sv)), "application/pdf");
}

TEST(Sniff, SeesTextButNotInBinary) {
  EXPECT_EQ(sniff(view("Hello \u00e9\n"sv)), "text/plain");
  EXPECT_EQ(sniff(view("Hello\0"sv)), "");
  EXPECT_EQ(sniff(view("\xFE\xFE"sv)), "");
  EXPECT_EQ(sniff({}), "");
}

TEST(Sniff, ACharacterThatTheEndCutsIsStillText) { EXPECT_EQ(sniff(view("abc\xE2\x82"sv)), "text/plain"); }

TEST(Sniff, AWordIsNoMagic) {
  EXPECT_EQ(sniff(view("BMW builds cars"sv)), "text/plain");
  EXPECT_EQ(sniff(view("BM\x10\0\0\0\0\0\0\0"sv)), "image/bmp");
}

TEST(Sniff, AHalfMagicIsNoMagic) {
  EXPECT_EQ(sniff(view("\x89PNG\r\n"sv)), "");
  EXPECT_EQ(sniff(view("RIFF\1\0\0\0WEB"sv)), "");
}

}  // namespace
}  // namespace argot::media
