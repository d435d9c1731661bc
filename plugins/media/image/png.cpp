// PNG by libpng. Every chunk but the picture itself is left behind, and what animates an APNG too.
#include "codecs.h"

#include <png.h>

#include <cstring>

namespace argot::media {
namespace {

[[noreturn]] void fail(png_structp, png_const_charp) {
  throw Refusal(Status::corrupt, "is not a PNG picture that can be decoded");
}
void quiet(png_structp, png_const_charp) {}

void read_some(png_structp png, png_bytep to, std::size_t size) {
  auto& rest = *static_cast<ByteView*>(png_get_io_ptr(png));
  if (size > rest.size()) throw Refusal(Status::corrupt, "is cut off");
  std::memcpy(to, rest.data(), size);
  rest = rest.subspan(size);
}
void write_some(png_structp png, png_bytep from, std::size_t size) {
  auto& out = *static_cast<Bytes*>(png_get_io_ptr(png));
  out.insert(out.end(), from, from + size);
}
void flush(png_structp) {}

struct Reading {
  Reading() : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, fail, quiet)) {
    info = png ? png_create_info_struct(png) : nullptr;
    if (!info) throw std::bad_alloc();
  }
  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
  Reading(const Reading&) = delete;
  png_structp png;
  png_infop info;
};
struct Writing {
  Writing() : png(png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, fail, quiet)) {
    info = png ? png_create_info_struct(png) : nullptr;
    if (!info) throw std::bad_alloc();
  }
  ~Writing() { png_destroy_write_struct(&png, &info); }
  Writing(const Writing&) = delete;
  png_structp png;
  png_infop info;
};

}  // namespace

Decoded decode_png(ByteView file, std::uint64_t max_pixels) {
  Reading in;
  ByteView rest = file;
  png_set_read_fn(in.png, &rest, read_some);
  png_set_user_limits(in.png, 1'000'000, 1'000'000);
  png_set_chunk_malloc_max(in.png, 8 << 20);
  png_set_chunk_cache_max(in.png, 64);
  png_read_info(in.png, in.info);
  const std::uint32_t width = png_get_image_width(in.png, in.info), height = png_get_image_height(in.png, in.info);
  check_size(width, height, max_pixels);
  png_set_expand(in.png);
  png_set_scale_16(in.png);
  png_set_gray_to_rgb(in.png);
  const int passes = png_set_interlace_handling(in.png);
  png_read_update_info(in.png, in.info);
  Decoded out;
  out.shape = {width, height, 1};
  out.lossless = true;
  out.pixels = Pixels(width, height, png_get_channels(in.png, in.info));
  if (png_get_rowbytes(in.png, in.info) != std::size_t{width} * out.pixels.channels || out.pixels.channels < 3)
    throw Refusal(Status::corrupt, "is not a PNG picture that can be decoded");
  for (int pass = 0; pass < passes; ++pass)
    for (std::uint32_t y = 0; y < height; ++y) png_read_row(in.png, out.pixels.row(y), nullptr);
  png_read_end(in.png, in.info);
  png_charp name = nullptr;
  png_bytep profile = nullptr;
  int method = 0;
  png_uint_32 size = 0;
  if (png_get_iCCP(in.png, in.info, &name, &method, &profile, &size)) to_srgb(out.pixels, ByteView(profile, size));
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(in.png, in.info, &size, &exif)) {
    const int orientation = exif_orientation(ByteView(exif, size));
    out.pixels = oriented(std::move(out.pixels), orientation);
    out.shape = {out.pixels.width, out.pixels.height, 1};
  }
  return out;
}

Bytes encode_png(const Pixels& pixels) {
  Writing out;
  Bytes bytes;
  png_set_write_fn(out.png, &bytes, write_some, flush);
  png_set_user_limits(out.png, 1'000'000, 1'000'000);
  png_set_IHDR(out.png, out.info, pixels.width, pixels.height, 8,
               pixels.channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(out.png, out.info);
  for (std::uint32_t y = 0; y < pixels.height; ++y) png_write_row(out.png, const_cast<Byte*>(pixels.row(y)));
  png_write_end(out.png, nullptr);
  return bytes;
}

}  // namespace argot::media
