// GIF by giflib, line by line from one file into another: comments, texts and application blocks stay behind.
#include "codecs.h"

#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <functional>

namespace argot::media {
namespace {

int read_some(GifFileType* gif, GifByteType* to, int size) {
  auto& rest = *static_cast<ByteView*>(gif->UserData);
  const auto count = std::min(rest.size(), static_cast<std::size_t>(std::max(size, 0)));
  std::memcpy(to, rest.data(), count);
  rest = rest.subspan(count);
  return static_cast<int>(count);
}
int write_some(GifFileType* gif, const GifByteType* from, int size) {
  auto& out = *static_cast<Bytes*>(gif->UserData);
  out.insert(out.end(), from, from + size);
  return size;
}

void must(int result) {
  if (result == GIF_ERROR) throw Refusal(Status::corrupt, "is cut off or not a GIF picture that can be decoded");
}

struct Reading {
  explicit Reading(ByteView file) : rest(file), gif(DGifOpen(&rest, read_some, nullptr)) {
    if (!gif) must(GIF_ERROR);
  }
  ~Reading() { DGifCloseFile(gif, nullptr); }
  Reading(const Reading&) = delete;
  ByteView rest;
  GifFileType* gif;
};

/// One walk over a file.
class Walk {
 public:
  Walk(ByteView file, std::uint64_t max_pixels) : in_(file), max_pixels_(max_pixels) {
    check_size(width(), height(), max_pixels);
  }
  GifFileType* gif() { return in_.gif; }
  std::uint32_t width() const { return static_cast<std::uint32_t>(in_.gif->SWidth); }
  std::uint32_t height() const { return static_cast<std::uint32_t>(in_.gif->SHeight); }
  std::uint32_t frames = 0;

  /// `on_frame` reads all lines of gif()->Image and returns whether to go on.
  void go(const std::function<void(int code, const GifByteType* block)>& on_extension,
          const std::function<bool()>& on_frame) {
    for (GifRecordType type = UNDEFINED_RECORD_TYPE; type != TERMINATE_RECORD_TYPE;) {
      must(DGifGetRecordType(gif(), &type));
      if (type == EXTENSION_RECORD_TYPE) {
        int code = 0;
        GifByteType* block = nullptr;
        must(DGifGetExtension(gif(), &code, &block));
        for (bool first = true; block; first = false) {
          on_extension(first ? code : CONTINUE_EXT_FUNC_CODE, block);
          must(DGifGetExtensionNext(gif(), &block));
        }
      } else if (type == IMAGE_DESC_RECORD_TYPE) {
        must(DGifGetImageDesc(gif()));
        const GifImageDesc& image = gif()->Image;
        if (image.Width <= 0 || image.Height <= 0) must(GIF_ERROR);
        check_size(static_cast<std::uint64_t>(image.Width), static_cast<std::uint64_t>(image.Height), max_pixels_);
        drawn_ += static_cast<std::uint64_t>(image.Width) * static_cast<std::uint64_t>(image.Height);
        if (++frames > max_frames || drawn_ > frame_allowance * max_pixels_)
          throw Refusal(Status::too_large, "has more or larger frames than are decoded");
        if (!on_frame()) return;
      }
    }
    if (frames == 0) throw Refusal(Status::corrupt, "has no picture in it");
  }

 private:
  Reading in_;
  std::uint64_t max_pixels_, drawn_ = 0;
};

constexpr int passes[4][2] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};  // first line and step when interlaced

}  // namespace

Decoded decode_gif(ByteView file, std::uint64_t max_pixels) {
  Walk walk(file, max_pixels);
  GifFileType* gif = walk.gif();
  Decoded out;
  out.lossless = true;
  out.shape = {walk.width(), walk.height(), 1};
  int transparent = NO_TRANSPARENT_COLOR;
  auto see = [&](int code, const GifByteType* block) {
    if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4 && walk.frames == 0)
      transparent = block[1] & 1 ? block[4] : NO_TRANSPARENT_COLOR;
  };
  std::vector<GifPixelType> line;
  auto frame = [&] {
    const GifImageDesc& image = gif->Image;
    line.resize(static_cast<std::size_t>(image.Width));
    const bool first = walk.frames == 1;
    if (first) out.pixels = Pixels(walk.width(), walk.height(), 4);
    const ColorMapObject* colours = image.ColorMap ? image.ColorMap : gif->SColorMap;
    for (int pass = image.Interlace ? 0 : 3; pass < 4; ++pass)
      for (int y = image.Interlace ? passes[pass][0] : 0; y < image.Height;
           y += image.Interlace ? passes[pass][1] : 1) {
        must(DGifGetLine(gif, line.data(), image.Width));
        const int to_y = image.Top + y;
        if (!first || to_y < 0 || to_y >= gif->SHeight) continue;
        for (int x = 0; x < image.Width; ++x) {
          const int to_x = image.Left + x, index = line[static_cast<std::size_t>(x)];
          if (to_x < 0 || to_x >= gif->SWidth || index == transparent || !colours || index >= colours->ColorCount)
            continue;
          Byte* p = out.pixels.row(static_cast<std::uint32_t>(to_y)) + 4 * static_cast<std::size_t>(to_x);
          p[0] = colours->Colors[index].Red;
          p[1] = colours->Colors[index].Green;
          p[2] = colours->Colors[index].Blue;
          p[3] = 255;
        }
      }
    return true;
  };
  walk.go(see, frame);
  out.shape.frames = walk.frames;
  return out;
}

Bytes bare_gif(ByteView file, std::uint64_t max_pixels, Shape& shape) {
  Walk walk(file, max_pixels);
  GifFileType* in = walk.gif();
  Bytes bytes;
  GifFileType* out = EGifOpen(&bytes, write_some, nullptr);
  if (!out) throw std::bad_alloc();
  struct Close {
    GifFileType* gif;
    ~Close() {
      if (gif) EGifCloseFile(gif, nullptr);
    }
  } close{out};
  EGifSetGifVersion(out, true);
  must(EGifPutScreenDesc(out, in->SWidth, in->SHeight, in->SColorResolution, in->SBackGroundColor, in->SColorMap));
  std::vector<GifByteType> control;
  bool looping = false, looped = false;
  auto keep = [&](int code, const GifByteType* block) {
    if (code == GRAPHICS_EXT_FUNC_CODE && block[0] == 4) control.assign(block + 1, block + 5);
    if (code == APPLICATION_EXT_FUNC_CODE)
      looping = block[0] == 11 && (std::memcmp(block + 1, "NETSCAPE2.0", 11) == 0);
    else if (code == CONTINUE_EXT_FUNC_CODE && looping && !looped && block[0] == 3 && block[1] == 1) {
      must(EGifPutExtensionLeader(out, APPLICATION_EXT_FUNC_CODE));
      must(EGifPutExtensionBlock(out, 11, "NETSCAPE2.0"));
      must(EGifPutExtensionBlock(out, 3, block + 1));
      must(EGifPutExtensionTrailer(out));
      looped = true;
    }
  };
  std::vector<GifPixelType> line;
  auto frame = [&] {
    const GifImageDesc& image = in->Image;
    if (!control.empty()) {
      control[0] &= 0x1F;  // bits without a meaning
      must(EGifPutExtension(out, GRAPHICS_EXT_FUNC_CODE, 4, control.data()));
    }
    control.clear();
    must(EGifPutImageDesc(out, image.Left, image.Top, image.Width, image.Height, image.Interlace, image.ColorMap));
    line.resize(static_cast<std::size_t>(image.Width));
    for (int y = 0; y < image.Height; ++y) {
      must(DGifGetLine(in, line.data(), image.Width));
      must(EGifPutLine(out, line.data(), image.Width));
    }
    return true;
  };
  walk.go(keep, frame);
  close.gif = nullptr;
  must(EGifCloseFile(out, nullptr));
  shape = {walk.width(), walk.height(), walk.frames};
  return bytes;
}

}  // namespace argot::media
