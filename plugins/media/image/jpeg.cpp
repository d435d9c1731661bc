// JPEG by libjpeg-turbo. Its errors leave as exceptions: Debian builds the library with unwind tables, and the process
// ends after one picture anyway.
#include "codecs.h"

#include <cstdio>
#include <cstdlib>

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <cstring>

namespace argot::media {
namespace {

constexpr int max_scans = 200;  // a progressive file of 64 million pixels with thousands of scans decodes for hours

[[noreturn]] void fail(j_common_ptr info) {
  const int code = info->err->msg_code;
  if (code == JERR_OUT_OF_MEMORY) throw Refusal(Status::too_large, "needs more memory than a decoder may have");
  throw Refusal(Status::corrupt, "is not a JPEG picture that can be decoded");
}
void note(j_common_ptr info, int level) {
  if (level < 0) ++info->err->num_warnings;
  if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) throw Refusal(Status::corrupt, "is cut off");
}
void quiet(j_common_ptr) {}
void count_scans(j_common_ptr info) {
  if (info->is_decompressor && reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > max_scans)
    throw Refusal(Status::corrupt, "has more scans than a picture needs");
}

struct Common {
  Common() {
    jpeg_std_error(&errors);
    errors.error_exit = fail;
    errors.emit_message = note;
    errors.output_message = quiet;
    progress.progress_monitor = count_scans;
  }
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
};

class Reader : Common {
 public:
  Reader(ByteView file, std::uint64_t max_pixels) {
    info.err = &errors;
    jpeg_create_decompress(&info);
    try {
      info.progress = &progress;
      jpeg_mem_src(&info, file.data(), file.size());
      jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);
      jpeg_save_markers(&info, JPEG_APP0 + 2, 0xFFFF);
      jpeg_read_header(&info, TRUE);
      check_size(info.image_width, info.image_height, max_pixels);
    } catch (...) {
      jpeg_destroy_decompress(&info);
      throw;
    }
  }
  ~Reader() { jpeg_destroy_decompress(&info); }

  int orientation() const {
    for (auto m = info.marker_list; m; m = m->next)
      if (m->marker == JPEG_APP0 + 1 && m->data_length > 6 && std::memcmp(m->data, "Exif\0\0", 6) == 0)
        return exif_orientation(ByteView(m->data, m->data_length).subspan(6));
    return 1;
  }
  Bytes profile() {
    JOCTET* data = nullptr;
    unsigned size = 0;
    Bytes out;
    if (jpeg_read_icc_profile(&info, &data, &size)) out.assign(data, data + size);
    std::free(data);
    return out;
  }
  jpeg_decompress_struct info{};
};

class Writer : Common {
 public:
  Writer() {
    info.err = &errors;
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &out_, &size_);
  }
  ~Writer() {
    jpeg_destroy_compress(&info);
    std::free(out_);
  }
  Bytes take() { return Bytes(out_, out_ + size_); }
  jpeg_compress_struct info{};

 private:
  unsigned char* out_ = nullptr;
  unsigned long size_ = 0;
};

Shape shape_of(const jpeg_decompress_struct& info, int orientation) {
  Shape out{info.image_width, info.image_height, 1};
  if (orientation >= 5) std::swap(out.width, out.height);
  return out;
}

/// CMYK as Adobe's programs write it: inverted. Without the printer's profile this is only nearly right.
void rgb_from_cmyk(const Byte* from, Byte* to, std::uint32_t width) {
  for (std::uint32_t x = 0; x < width; ++x, from += 4, to += 3)
    for (int i = 0; i < 3; ++i) to[i] = static_cast<Byte>(from[i] * from[3] / 255);
}

}  // namespace

Decoded decode_jpeg(ByteView file, std::uint32_t at_least, std::uint64_t max_pixels) {
  Reader in(file, max_pixels);
  const bool cmyk = in.info.num_components == 4;
  in.info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  const std::uint32_t longer = std::max(in.info.image_width, in.info.image_height);
  if (at_least > 0)  // most of the work is saved where only an eighth of the picture is computed
    while (in.info.scale_denom < 8 && longer / (2 * in.info.scale_denom) >= at_least) in.info.scale_denom *= 2;
  jpeg_start_decompress(&in.info);
  Decoded out;
  const int orientation = in.orientation();  // markers are gone when the picture is finished
  const Bytes profile = in.profile();
  out.shape = shape_of(in.info, orientation);
  out.pixels = Pixels(in.info.output_width, in.info.output_height, 3);
  Bytes line(cmyk ? std::size_t{in.info.output_width} * 4 : 0);
  while (in.info.output_scanline < in.info.output_height) {
    Byte* row = out.pixels.row(in.info.output_scanline);
    Byte* to = cmyk ? line.data() : row;
    jpeg_read_scanlines(&in.info, &to, 1);
    if (cmyk) rgb_from_cmyk(line.data(), row, out.pixels.width);
  }
  jpeg_finish_decompress(&in.info);
  if (!cmyk) to_srgb(out.pixels, profile);
  out.pixels = oriented(std::move(out.pixels), orientation);
  return out;
}

std::optional<Bytes> bare_jpeg(ByteView file, std::uint64_t max_pixels, Shape& shape) {
  Reader in(file, max_pixels);
  shape = shape_of(in.info, in.orientation());
  const Bytes profile = in.profile();
  if (in.orientation() != 1 || in.info.num_components == 4 || (!profile.empty() && !is_srgb(profile)))
    return std::nullopt;
  // The coefficients go over as they are; markers do not, because nobody copies them.
  jvirt_barray_ptr* coefficients = jpeg_read_coefficients(&in.info);
  Writer out;
  jpeg_copy_critical_parameters(&in.info, &out.info);
  out.info.optimize_coding = TRUE;
  out.info.density_unit = 0;
  out.info.X_density = out.info.Y_density = 1;
  if (in.info.progressive_mode) jpeg_simple_progression(&out.info);
  jpeg_write_coefficients(&out.info, coefficients);
  jpeg_finish_compress(&out.info);
  jpeg_finish_decompress(&in.info);
  return out.take();
}

Bytes encode_jpeg(const Pixels& pixels, int quality) {
  Writer out;
  out.info.image_width = pixels.width;
  out.info.image_height = pixels.height;
  out.info.input_components = static_cast<int>(pixels.channels);
  out.info.in_color_space = pixels.channels == 4 ? JCS_EXT_RGBX : JCS_RGB;
  jpeg_set_defaults(&out.info);
  jpeg_set_quality(&out.info, quality, TRUE);
  out.info.optimize_coding = TRUE;
  jpeg_start_compress(&out.info, TRUE);
  while (out.info.next_scanline < pixels.height) {
    auto row = const_cast<Byte*>(pixels.row(out.info.next_scanline));
    jpeg_write_scanlines(&out.info, &row, 1);
  }
  jpeg_finish_compress(&out.info);
  return out.take();
}

}  // namespace argot::media
