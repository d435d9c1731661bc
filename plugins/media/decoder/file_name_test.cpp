#include "file_name.h"

#include <gtest/gtest.h>

namespace argot::media {
namespace {

using namespace std::string_view_literals;

TEST(FileName, ACleanNameStaysAsItIs) {
  for (std::string_view name : {"photo.jpg", "Zw\u00f6lf B\u00e4ume.tar.gz", "\u5199\u771f (2).png", "a"})
    EXPECT_EQ(clean_file_name(name), name);
}

TEST(FileName, PathsAreLeftOut) {
  EXPECT_EQ(clean_file_name("../../etc/passwd"), "passwd");
  EXPECT_EQ(clean_file_name("C:\\Users\\Alice Smith\\photo.jpg"), "photo.jpg");
  EXPECT_EQ(clean_file_name("/home/alice/"), "file");
  EXPECT_EQ(clean_file_name(".."), "file");
  EXPECT_EQ(clean_file_name(".bashrc"), "bashrc");
}

TEST(FileName, WhatCannotBeSeenIsLeftOut) {
  EXPECT_EQ(clean_file_name("photo\u202Egpj.exe"), "photogpj.exe");
  EXPECT_EQ(clean_file_name("a\u200B\uFEFF\u2066b\u0085\u00ADc\n\x1b[2J.txt"), "abc[2J.txt");
  EXPECT_EQ(clean_file_name("nul\0byte.txt"sv), "nulbyte.txt");
}

TEST(FileName, BytesThatAreNoUtf8BecomeUnderscores) {
  EXPECT_EQ(clean_file_name("a\xFFz"), "a_z");
  EXPECT_EQ(clean_file_name("a\xC0\xAFz"), "a__z");       // an overlong /
  EXPECT_EQ(clean_file_name("a\xED\xA0\x80z"), "a___z");  // half a surrogate pair
}

TEST(FileName, DeviceNamesAndMarksOfWindowsAreHarmless) {
  EXPECT_EQ(clean_file_name("con"), "_con");
  EXPECT_EQ(clean_file_name("LPT1.txt"), "_LPT1.txt");
  EXPECT_EQ(clean_file_name("com\u00b9"), "_com\u00b9");
  EXPECT_EQ(clean_file_name("console.txt"), "console.txt");
  EXPECT_EQ(clean_file_name("a:b*?.txt. "), "a_b__.txt");
}

TEST(FileName, ALongNameKeepsItsEndingAndWholeCharacters) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "\u00e4";
  const std::string name = clean_file_name(umlauts + ".jpeg");
  EXPECT_EQ(name.size(), 255u);
  EXPECT_TRUE(name.ends_with("\u00e4.jpeg"));
  EXPECT_EQ(clean_file_name(name), name);
}

TEST(FileName, AnEndingIsGivenOrCorrected) {
  EXPECT_EQ(with_extension("photo", ".jpg"), "photo.jpg");
  EXPECT_EQ(with_extension("photo.JPEG", ".jpg"), "photo.JPEG");
  EXPECT_EQ(with_extension("photo.png", ".jpg"), "photo.jpg");
  EXPECT_EQ(with_extension("v1.2", ".jpg"), "v1.2.jpg");
  EXPECT_EQ(with_extension("photo.png", ""), "photo.png");
}

}  // namespace
}  // namespace argot::media
