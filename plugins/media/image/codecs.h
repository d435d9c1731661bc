// The four kinds of pictures that are taken apart and put together again. Everything throws Refusal.
#pragma once
#include "pixels.h"

namespace argot::media {

/// What a picture is, without what it looks like.
struct Shape {
  std::uint32_t width = 0, height = 0;  ///< as it is seen: turned by its orientation
  std::uint32_t frames = 1;
};

struct Decoded {
  Shape shape;
  Pixels pixels;  ///< oriented and sRGB; may be smaller than the shape when less was asked for
  bool lossless = false;
};

// `at_least`: pixels of the longer edge that are needed; 0: all. `max_pixels`: of the whole picture.
Decoded decode_jpeg(ByteView file, std::uint32_t at_least, std::uint64_t max_pixels);
Decoded decode_png(ByteView file, std::uint64_t max_pixels);
Decoded decode_gif(ByteView file, std::uint64_t max_pixels);   ///< the first frame, on transparent ground
Decoded decode_webp(ByteView file, std::uint64_t max_pixels);  ///< the first frame

Bytes encode_jpeg(const Pixels& pixels, int quality);
Bytes encode_png(const Pixels& pixels);
Bytes encode_webp(const Pixels& pixels, bool lossless, float quality);

// The same picture without anything but the picture, not encoded again. Nothing when it must be (it is turned, or has
// colours of its own).
std::optional<Bytes> bare_jpeg(ByteView file, std::uint64_t max_pixels, Shape& shape);
std::optional<Bytes> bare_webp(ByteView file, std::uint64_t max_pixels, Shape& shape);
/// Always possible; frames stay frames.
Bytes bare_gif(ByteView file, std::uint64_t max_pixels, Shape& shape);

inline constexpr std::uint32_t max_frames = 2000;
/// All frames together may have so many times the pixels of one picture.
inline constexpr std::uint64_t frame_allowance = 4;

}  // namespace argot::media
