#include "frames.h"

#include <gtest/gtest.h>

namespace argot::media {
namespace {

Answer example() {
  Answer out;
  out.text = "image/png";
  out.width = 4000;
  out.height = 3000;
  out.length_us = 1'500'000;
  out.thumbnail = {1, 2};
  out.waveform = {9};
  out.data = Bytes(300, 7);
  return out;
}

TEST(Frames, AnAnswerComesBackAsItWas) {
  const auto found = decode_answer(encode(example()), 300);
  ASSERT_TRUE(found);
  EXPECT_EQ(encode(*found), encode(example()));
  EXPECT_EQ(found->length_us, 1'500'000u);
}

TEST(Frames, EveryCutAndEveryExtraByteIsNoticed) {
  Bytes bytes = encode(example());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    ASSERT_FALSE(decode_answer(ByteView(bytes).first(size), 300)) << size;
  bytes.push_back(0);
  EXPECT_FALSE(decode_answer(bytes, 300));
}

TEST(Frames, MoreThanTheBoundIsNoAnswer) { EXPECT_FALSE(decode_answer(encode(example()), 299)); }

TEST(Frames, ATextThatCouldDeceiveATerminalIsNoAnswer) {
  Answer answer = example();
  answer.text = "\x1b[2J";
  EXPECT_FALSE(decode_answer(encode(answer), 300));
}

TEST(Frames, ARefusalBringsNoData) {
  Answer answer = example();
  answer.status = Status::corrupt;
  EXPECT_FALSE(decode_answer(encode(answer), 300));
}

TEST(Frames, ARequestComesBackAsItWas) {
  Request request;
  request.operation = Operation::prepare;
  request.max_pixels = 1ull << 40;
  request.content_type = "image/gif";
  request.data = {1, 2, 3};
  const auto found = decode_request(encode(request));
  ASSERT_TRUE(found);
  EXPECT_EQ(encode(*found), encode(request));
}

}  // namespace
}  // namespace argot::media
