#include "pixels.h"

#include <lcms2.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace argot::media {

void check_size(std::uint64_t width, std::uint64_t height, std::uint64_t max_pixels) {
  if (width == 0 || height == 0) throw Refusal(Status::corrupt, "has no pixels");
  if (width > max_pixels || height > max_pixels || width * height > max_pixels)
    throw Refusal(Status::too_large, "has " + std::to_string(width) + " x " + std::to_string(height) +
                                         " pixels, more than the " + std::to_string(max_pixels / 1'000'000) +
                                         " million that are decoded");
}

Pixels oriented(Pixels from, int orientation) {
  if (orientation < 2 || orientation > 8) return from;
  const bool turned = orientation >= 5;
  // Of the stored picture, whether what is seen first comes from its far end.
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Pixels out(turned ? from.height : from.width, turned ? from.width : from.height, from.channels);
  const std::size_t c = from.channels;
  for (std::uint32_t y = 0; y < out.height; ++y) {
    Byte* to = out.row(y);
    for (std::uint32_t x = 0; x < out.width; ++x, to += c) {
      std::uint32_t sx = turned ? y : x, sy = turned ? x : y;
      if (flip_x) sx = from.width - 1 - sx;
      if (flip_y) sy = from.height - 1 - sy;
      std::memcpy(to, from.row(sy) + sx * c, c);
    }
  }
  return out;
}

Pixels shrunk(const Pixels& from, std::uint32_t edge) {
  const std::uint32_t longer = std::max(from.width, from.height);
  if (longer <= edge) return from;
  auto scaled = [&](std::uint64_t side) {
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, (side * edge + longer / 2) / longer));
  };
  Pixels out(scaled(from.width), scaled(from.height), from.channels);
  for (std::uint32_t y = 0; y < out.height; ++y) {
    const auto top = static_cast<std::uint32_t>(std::uint64_t{y} * from.height / out.height);
    const auto bottom = static_cast<std::uint32_t>((std::uint64_t{y} + 1) * from.height / out.height);
    for (std::uint32_t x = 0; x < out.width; ++x) {
      const auto left = static_cast<std::uint32_t>(std::uint64_t{x} * from.width / out.width);
      const auto right = static_cast<std::uint32_t>((std::uint64_t{x} + 1) * from.width / out.width);
      std::uint64_t sum[4] = {}, count = 0;
      for (std::uint32_t sy = top; sy < std::max(bottom, top + 1); ++sy)
        for (std::uint32_t sx = left; sx < std::max(right, left + 1); ++sx, ++count) {
          const Byte* p = from.row(sy) + std::size_t{sx} * from.channels;
          const unsigned weight = from.channels == 4 ? p[3] : 255;  // what cannot be seen has no colour
          for (int i = 0; i < 3; ++i) sum[i] += std::uint64_t{p[i]} * weight;
          sum[3] += weight;
        }
      Byte* to = out.row(y) + std::size_t{x} * out.channels;
      for (int i = 0; i < 3; ++i) to[i] = sum[3] ? static_cast<Byte>((sum[i] + sum[3] / 2) / sum[3]) : 0;
      if (out.channels == 4) to[3] = static_cast<Byte>((sum[3] + count / 2) / count);
    }
  }
  return out;
}

Pixels without_idle_alpha(Pixels from) {
  if (from.channels != 4) return from;
  for (std::size_t i = 3; i < from.data.size(); i += 4)
    if (from.data[i] != 255) return from;
  Byte* to = from.data.data();
  for (std::size_t i = 0; i < from.data.size(); i += 4, to += 3) std::memmove(to, from.data.data() + i, 3);
  from.channels = 3;
  from.data.resize(std::size_t{from.width} * from.height * 3);
  return from;
}

namespace {
struct Profile {
  explicit Profile(cmsHPROFILE p) : p(p) {}
  ~Profile() {
    if (p) cmsCloseProfile(p);
  }
  Profile(const Profile&) = delete;
  cmsHPROFILE p;
};

/// From an RGB profile; null where there is no way.
cmsHTRANSFORM way_to_srgb(ByteView icc, cmsUInt32Number format) {
  const Profile from(cmsOpenProfileFromMem(icc.data(), static_cast<cmsUInt32Number>(icc.size())));
  const Profile srgb(cmsCreate_sRGBProfile());
  if (!from.p || !srgb.p || cmsGetColorSpace(from.p) != cmsSigRgbData) return nullptr;
  return cmsCreateTransform(from.p, format, srgb.p, format, INTENT_PERCEPTUAL, cmsFLAGS_COPY_ALPHA);
}
}  // namespace

bool is_srgb(ByteView icc) {
  cmsHTRANSFORM way = way_to_srgb(icc, TYPE_RGB_8);
  if (!way) return true;  // unusable: everybody shows it as sRGB
  bool same = true;
  for (int r = 0; r < 256 && same; r += 51)
    for (int g = 0; g < 256 && same; g += 51)
      for (int b = 0; b < 256 && same; b += 51) {
        const Byte in[3] = {static_cast<Byte>(r), static_cast<Byte>(g), static_cast<Byte>(b)};
        Byte out[3];
        cmsDoTransform(way, in, out, 1);
        for (int i = 0; i < 3; ++i) same = same && std::abs(in[i] - out[i]) <= 2;
      }
  cmsDeleteTransform(way);
  return same;
}

void to_srgb(Pixels& pixels, ByteView icc) {
  if (icc.empty() || is_srgb(icc)) return;
  cmsHTRANSFORM way = way_to_srgb(icc, pixels.channels == 4 ? TYPE_RGBA_8 : TYPE_RGB_8);
  if (!way) return;
  for (std::uint32_t y = 0; y < pixels.height; ++y) cmsDoTransform(way, pixels.row(y), pixels.row(y), pixels.width);
  cmsDeleteTransform(way);
}

int exif_orientation(ByteView tiff) {
  if (tiff.size() < 14 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M')) return 1;
  const bool little = tiff[0] == 'I';
  auto number = [&](std::size_t at, std::size_t size) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < size; ++i) out = out << 8 | tiff[little ? at + size - 1 - i : at + i];
    return out;
  };
  const std::size_t directory = number(4, 4);
  if (directory > tiff.size() - 2) return 1;
  const std::size_t entries = number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + 12 * i;
    if (at + 12 > tiff.size()) return 1;
    if (number(at, 2) != 0x0112) continue;
    const std::uint32_t found = number(at + 8, 2);
    return found >= 1 && found <= 8 ? static_cast<int>(found) : 1;
  }
  return 1;
}

}  // namespace argot::media
