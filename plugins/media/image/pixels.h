// A decoded picture and what is done with it. Runs inside decoder processes only.
#pragma once
#include <decoder/frames.h>

namespace argot::media {

/// 8 bits a channel, sRGB: 3 channels (RGB) or 4 (RGBA, not premultiplied). Rows from the top, without gaps.
struct Pixels {
  std::uint32_t width = 0, height = 0;
  unsigned channels = 3;
  Bytes data;

  Pixels() = default;
  Pixels(std::uint32_t w, std::uint32_t h, unsigned c)
      : width(w), height(h), channels(c), data(std::size_t{w} * h * c) {}
  Byte* row(std::uint32_t y) { return data.data() + std::size_t{y} * width * channels; }
  const Byte* row(std::uint32_t y) const { return data.data() + std::size_t{y} * width * channels; }
};

/// Throws Refusal(too_large).
void check_size(std::uint64_t width, std::uint64_t height, std::uint64_t max_pixels);

/// As the EXIF orientation (1 to 8) says it should be seen.
Pixels oriented(Pixels from, int orientation);
/// Not larger than `edge` either way; each pixel is the mean of what it stands for.
Pixels shrunk(const Pixels& from, std::uint32_t edge);
/// Without the alpha channel where that says nothing.
Pixels without_idle_alpha(Pixels from);
/// Converts colours described by an ICC profile to sRGB; leaves them where the profile is unusable or sRGB.
void to_srgb(Pixels& pixels, ByteView icc);
/// Whether a profile says nothing more than sRGB does.
bool is_srgb(ByteView icc);

/// The orientation in a TIFF structure (what follows "Exif\0\0"), 1 where there is none. Never throws.
int exif_orientation(ByteView tiff);

}  // namespace argot::media
