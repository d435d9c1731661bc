// Through the real decoder process.
#include "image.h"

#include "test_pictures.h"

#include <sdk/testing/bare_context.h>

#include <gmock/gmock.h>

#include <cstdlib>

namespace argot::media {
namespace {

using namespace test;
using testing::HasSubstr;

class ImageTest : public testing::Test {
 public:
  ImageTest() {
    Settings& s = ctx_.change_settings();
    s.set("megapixels", std::int64_t{64});
    s.set("thumbnail", std::int64_t{320});
    s.set("time", Duration(std::chrono::seconds(20)));
    s.set("memory", std::int64_t{768} << 20);
    s.set("decoders", std::string(std::getenv("ARGOT_BUILD_DIR")) + "/lib/argot/decoders");
  }
  Image& image() {
    if (!started_) ctx_.run(image_.start(ctx_));
    started_ = true;
    return image_;
  }
  MediaItem prepare(Bytes data, std::string name = "photo") {
    MediaItem item{std::move(name), "", std::move(data)};
    return ctx_.run(image().prepare(std::move(item)));
  }
  MediaDescription describe(Bytes data) {
    MediaItem item{"photo", "", std::move(data)};
    return ctx_.run(image().describe(std::move(item)));
  }
  Code error_of(Bytes data, std::string what = "") {
    std::optional<Code> found;
    for (const bool preparing : {true, false}) try {
        if (preparing)
          prepare(data);
        else
          describe(data);
        ADD_FAILURE() << "nothing was thrown";
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr(what));
        EXPECT_EQ(found.value_or(error.code()), error.code());
        found = error.code();
      }
    return found.value_or(Code::internal);
  }

  kit::BareWorld world_;
  kit::BareContext ctx_{world_};
  Image image_;
  bool started_ = false;
};

void expect_bare(const Bytes& before, const Bytes& after) {
  for (const std::string& secret : secrets())
    EXPECT_EQ(text_of(after).find(secret), std::string::npos) << secret << " is still there";
  EXPECT_NE(text_of(before).find("Secretname"), std::string::npos) << "the test itself put nothing in";
}

enum class Colour { red, green, blue, white, other };
Colour at(const Pixels& p, double x, double y) {
  const Byte* c = p.row(static_cast<std::uint32_t>(y * p.height)) + static_cast<std::size_t>(x * p.width) * p.channels;
  auto near = [&](int r, int g, int b) {
    return std::abs(c[0] - r) < 40 && std::abs(c[1] - g) < 40 && std::abs(c[2] - b) < 40;
  };
  return near(255, 0, 0)       ? Colour::red
         : near(0, 255, 0)     ? Colour::green
         : near(0, 0, 255)     ? Colour::blue
         : near(255, 255, 255) ? Colour::white
                               : Colour::other;
}
std::vector<Colour> corners(const Pixels& p) {
  return {at(p, .25, .25), at(p, .75, .25), at(p, .25, .75), at(p, .75, .75)};
}
std::vector<Colour> as_seen(int orientation) {
  const Colour r = Colour::red, g = Colour::green, b = Colour::blue, w = Colour::white;
  const std::vector<Colour> all[9] = {{},           {r, g, b, w}, {g, r, w, b}, {w, b, g, r}, {b, w, r, g},
                                      {r, b, g, w}, {b, r, w, g}, {w, g, b, r}, {g, w, r, b}};
  return all[orientation];
}

constexpr std::uint64_t many = 1'000'000;

TEST_F(ImageTest, NotAByteOfMetadataLeavesInAJpeg) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes before = jpeg_with_metadata(quarters(64, 48), orientation);
    const MediaItem after = prepare(before);
    expect_bare(before, after.data);
    EXPECT_EQ(after.content_type, "image/jpeg");
    const Decoded seen = decode_jpeg(after.data, 0, many);
    EXPECT_EQ(corners(seen.pixels), as_seen(orientation)) << orientation;
    EXPECT_EQ(seen.pixels.width, orientation < 5 ? 64u : 48u);
  }
}

TEST_F(ImageTest, NotAByteOfMetadataLeavesInAPng) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes before = png_with_metadata(quarters(64, 48), orientation);
    const MediaItem after = prepare(before);
    expect_bare(before, after.data);
    EXPECT_EQ(corners(decode_png(after.data, many).pixels), as_seen(orientation)) << orientation;
  }
}

TEST_F(ImageTest, NotAByteOfMetadataLeavesInAWebp) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes before = webp_with_metadata(quarters(64, 48), orientation);
    const MediaItem after = prepare(before);
    expect_bare(before, after.data);
    EXPECT_EQ(text_of(after.data).find("OWN "), std::string::npos);
    EXPECT_EQ(text_of(after.data).find("SECRETIPTC"), std::string::npos);
    EXPECT_EQ(corners(decode_webp(after.data, many).pixels), as_seen(orientation)) << orientation;
  }
}

TEST_F(ImageTest, AGifKeepsItsFramesAndNothingElse) {
  const Bytes before = gif_with_metadata();
  const MediaItem after = prepare(before, "fun.gif");
  expect_bare(before, after.data);
  EXPECT_EQ(after.file_name, "fun.gif");
  Shape shape;
  bare_gif(after.data, many, shape);
  EXPECT_EQ(shape.frames, 2u);
  EXPECT_NE(text_of(after.data).find("NETSCAPE2.0"), std::string::npos);
  EXPECT_NE(text_of(after.data).find(std::string_view("\x21\xF9\x04\x00\x07\x00", 6)), std::string::npos);
  EXPECT_THAT(describe(after.data).summary, HasSubstr("animation 40\u00d730"));
}

TEST_F(ImageTest, AWebpAnimationStaysOne) {
  const MediaItem after = prepare(webp_animation());
  Shape shape;
  EXPECT_TRUE(bare_webp(after.data, many, shape));
  EXPECT_EQ(shape.frames, 3u);
  EXPECT_EQ(text_of(after.data).find("SECRETCAMERA"), std::string::npos);
  EXPECT_THAT(describe(after.data).summary, HasSubstr("animation"));
}

TEST_F(ImageTest, AWebpWithAlphaApartKeepsBoth) {
  const Bytes before = encode_webp(quarters(64, 48, 4), false, 80);
  ASSERT_NE(text_of(before).find("ALPH"), std::string::npos);
  EXPECT_EQ(decode_webp(prepare(before).data, many).pixels.data, decode_webp(before, many).pixels.data);
}

TEST_F(ImageTest, AJpegThatIsTheRightWayUpIsNotEncodedAgain) {
  const Bytes before = jpeg_with_metadata(quarters(64, 48), 1);
  EXPECT_EQ(decode_jpeg(prepare(before).data, 0, many).pixels.data, decode_jpeg(before, 0, many).pixels.data);
}

TEST_F(ImageTest, WhatWasPreparedIsPreparedToTheSame) {
  for (const Bytes& before : {jpeg_with_metadata(quarters(64, 48), 6), png_with_metadata(quarters(64, 48), 6),
                              webp_with_metadata(quarters(64, 48), 6), gif_with_metadata(), webp_animation()}) {
    const Bytes once = prepare(before).data;
    EXPECT_EQ(prepare(once).data, once);
  }
}

TEST_F(ImageTest, DescribesWithAThumbnail) {
  const MediaDescription found = describe(jpeg_with_metadata(quarters(1600, 1200), 6));
  EXPECT_EQ(found.width, 1200u);
  EXPECT_EQ(found.height, 1600u);
  EXPECT_EQ(found.content_type, "image/jpeg");
  EXPECT_THAT(found.summary, HasSubstr("photo 1200\u00d71600"));
  const Decoded thumbnail = decode_jpeg(found.thumbnail, 0, many);
  EXPECT_EQ(thumbnail.pixels.height, 320u);
  EXPECT_EQ(thumbnail.pixels.width, 240u);
  EXPECT_EQ(corners(thumbnail.pixels), as_seen(6));
}

TEST_F(ImageTest, ThumbnailsKeepTransparency) {
  const MediaDescription found = describe(encode_png(quarters(800, 800, 4)));
  const Decoded thumbnail = decode_webp(found.thumbnail, many);
  EXPECT_EQ(thumbnail.pixels.width, 320u);
  EXPECT_NEAR(thumbnail.pixels.row(300)[4 * 10 + 3], 100, 3);
}

TEST_F(ImageTest, TheNameIsCleanedAndEndsAsTheTypeSays) {
  EXPECT_EQ(prepare(encode_png(quarters(8, 8)), "../a\u202E.jpg").file_name, "a.png");
}

TEST_F(ImageTest, ABombIsRefusedBeforeItGrows) {
  ctx_.change_settings().set("memory", std::int64_t{100} << 20);
  EXPECT_EQ(error_of(png_bomb(50'000, 50'000), "50000 x 50000 pixels"), Code::resource_exhausted);
}

TEST_F(ImageTest, ABombBelowThePixelLimitMeetsTheMemoryLimit) {
  ctx_.change_settings().set("memory", std::int64_t{100} << 20);
  EXPECT_EQ(error_of(png_bomb(8'000, 7'900)), Code::resource_exhausted);
}

TEST_F(ImageTest, AnAnimationOfTooManyPixelsIsRefused) {
  ctx_.change_settings().set("megapixels", std::int64_t{1});
  Bytes gif = gif_with_metadata();
  const std::string_view text = text_of(gif);
  const auto frame = text.find(std::string_view("\x21\xF9\x04", 3)), end = text.find("SECRETTRAILER") - 1;
  const Bytes frames(gif.begin() + static_cast<std::ptrdiff_t>(frame), gif.begin() + static_cast<std::ptrdiff_t>(end));
  Bytes bomb(gif.begin(), gif.begin() + static_cast<std::ptrdiff_t>(frame));
  for (int i = 0; i < 1001; ++i) bomb.insert(bomb.end(), frames.begin(), frames.end());
  bomb.push_back(0x3B);
  EXPECT_EQ(error_of(bomb, "frames"), Code::resource_exhausted);
}

TEST_F(ImageTest, WhatIsCutOffIsCorrupt) {
  for (Bytes whole : {jpeg_with_metadata(quarters(640, 480), 1), png_with_metadata(noise(64, 48), 1),
                      webp_with_metadata(noise(64, 48), 1), gif_with_metadata()}) {
    whole.resize(whole.size() / 2);
    EXPECT_EQ(error_of(whole, "cut off"), Code::corrupt);
  }
}

TEST_F(ImageTest, APictureThatCannotBeCleanedIsNotLetThrough) {
  const Bytes tiff = exif(1);
  EXPECT_GT(image_.claims("", tiff), 10);
  EXPECT_EQ(error_of(tiff, "image/tiff"), Code::invalid_argument);
  EXPECT_EQ(image_.claims("application/octet-stream", tiff), 0) << "who wants the bytes gets them from media/file";
}

TEST_F(ImageTest, WhatIsTooLargeForAnAttachmentIsMadeSmaller) {
  // 9.6 million random pixels: no quality below 11 MB as they are.
  const Bytes big = encode_jpeg(noise(3600, 2700), 60);
  ASSERT_LT(big.size(), max_input);
  Request request;
  request.operation = Operation::prepare;
  request.max_pixels = 64 * many;
  request.max_output = 2'000'000;
  request.data = big;
  Sandbox sandbox(ctx_, "argot-decode-image", ctx_.settings().text("decoders"), {});
  const Answer small = ctx_.run(sandbox.run("It", std::move(request)));
  EXPECT_LE(small.data.size(), 2'000'000u);
  EXPECT_LT(small.width, 3600u);
}

TEST_F(ImageTest, ClaimsPicturesByTheirBytesOnly) {
  EXPECT_EQ(image_.claims("text/plain", encode_jpeg(quarters(8, 8), 90)), 95);
  EXPECT_EQ(image_.claims("image/jpeg", view("hello, this is text")), 0);
  EXPECT_EQ(image_.claims("", view("hello")), 0);
}

TEST_F(ImageTest, SettingsOutOfRangeAreSentences) {
  ctx_.change_settings().set("megapixels", std::int64_t{0});
  EXPECT_THROW(image(), Error);
}

}  // namespace
}  // namespace argot::media
