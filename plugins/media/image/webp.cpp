// WebP by libwebp. Frames are taken out of their container and put into a new one, which has nothing else in it.
#include "codecs.h"

#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <cstring>
#include <memory>

namespace argot::media {
namespace {

[[noreturn]] void corrupt() { throw Refusal(Status::corrupt, "is cut off or not a WebP picture that can be decoded"); }

template <auto F> struct Free {
  template <class T> void operator()(T* it) const { F(it); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, Free<WebPDemuxDelete>>;
using Mux = std::unique_ptr<WebPMux, Free<WebPMuxDelete>>;
using Player = std::unique_ptr<WebPAnimDecoder, Free<WebPAnimDecoderDelete>>;

WebPData data_of(ByteView bytes) { return {bytes.data(), bytes.size()}; }

struct File {
  File(ByteView file, std::uint64_t max_pixels) {
    const WebPData data = data_of(file);
    demuxer.reset(WebPDemux(&data));
    if (!demuxer) corrupt();
    width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
    height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
    frames = WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT);
    moves = WebPDemuxGetI(demuxer.get(), WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG;
    check_size(width, height, max_pixels);
    if (frames == 0) corrupt();
    // Every frame is drawn on the whole canvas when it is played.
    if (frames > max_frames || std::uint64_t{width} * height * frames > frame_allowance * max_pixels)
      throw Refusal(Status::too_large, "has more or larger frames than are decoded");
    const Bytes exif = chunk("EXIF");
    ByteView tiff(exif);
    if (tiff.size() > 6 && std::memcmp(tiff.data(), "Exif\0\0", 6) == 0) tiff = tiff.subspan(6);
    orientation = moves ? 1 : exif_orientation(tiff);
    profile = chunk("ICCP");
    WebPIterator first;
    if (!WebPDemuxGetFrame(demuxer.get(), 1, &first)) corrupt();
    WebPBitstreamFeatures features;
    const bool known = WebPGetFeatures(first.fragment.bytes, first.fragment.size, &features) == VP8_STATUS_OK;
    WebPDemuxReleaseIterator(&first);
    if (!known) corrupt();
    lossless = features.format == 2;
  }
  Bytes chunk(const char* name) const {
    WebPChunkIterator at;
    if (!WebPDemuxGetChunk(demuxer.get(), name, 1, &at)) return {};
    Bytes out(at.chunk.bytes, at.chunk.bytes + at.chunk.size);
    WebPDemuxReleaseChunkIterator(&at);
    return out;
  }
  Shape shape() const { return orientation >= 5 ? Shape{height, width, frames} : Shape{width, height, frames}; }

  Demuxer demuxer;
  std::uint32_t width = 0, height = 0, frames = 0;
  bool moves = false, lossless = false;
  int orientation = 1;
  Bytes profile;
};

/// A frame as a file of its own: the form in which the muxer takes one that has an alpha channel apart.
Bytes as_file(const WebPIterator& frame) {
  const ByteView chunks(frame.fragment.bytes, frame.fragment.size);
  Bytes out;
  auto put = [&](std::string_view text) { out.insert(out.end(), text.begin(), text.end()); };
  auto number = [&](std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<Byte>(value >> (8 * i)));
  };
  const bool alpha = text_of(chunks).starts_with("ALPH"), odd = chunks.size() % 2 == 1;
  put("RIFF");
  number(4 + (alpha ? 18 : 0) + chunks.size() + odd, 4);
  put("WEBP");
  if (alpha) {
    put("VP8X");
    number(10, 4);
    number(ALPHA_FLAG, 4);
    number(static_cast<std::size_t>(frame.width - 1), 3);
    number(static_cast<std::size_t>(frame.height - 1), 3);
  }
  out.insert(out.end(), chunks.begin(), chunks.end());
  if (odd) out.push_back(0);
  return out;
}

/// Decodes the first frame, or all of them to see that it can be done.
Pixels play(ByteView bytes, const File& file, bool all) {
  const WebPData data = data_of(bytes);
  WebPAnimDecoderOptions options;
  if (!WebPAnimDecoderOptionsInit(&options)) corrupt();
  options.color_mode = MODE_RGBA;
  options.use_threads = 0;
  const Player player(WebPAnimDecoderNew(&data, &options));
  if (!player) corrupt();
  Pixels out(file.width, file.height, 4);
  for (std::uint32_t i = 0; i < (all ? file.frames : 1); ++i) {
    Byte* shown = nullptr;
    int time = 0;
    if (!WebPAnimDecoderGetNext(player.get(), &shown, &time)) corrupt();
    if (i == 0) std::memcpy(out.data.data(), shown, out.data.size());
  }
  return out;
}

}  // namespace

Decoded decode_webp(ByteView bytes, std::uint64_t max_pixels) {
  const File file(bytes, max_pixels);
  Decoded out;
  out.shape = file.shape();
  out.lossless = file.lossless;
  out.pixels = play(bytes, file, false);
  to_srgb(out.pixels, file.profile);
  out.pixels = oriented(std::move(out.pixels), file.orientation);
  return out;
}

std::optional<Bytes> bare_webp(ByteView bytes, std::uint64_t max_pixels, Shape& shape) {
  const File file(bytes, max_pixels);
  shape = file.shape();
  if (!file.moves && (file.orientation != 1 || (!file.profile.empty() && !is_srgb(file.profile)))) return std::nullopt;
  play(bytes, file, true);
  const Mux mux(WebPMuxNew());
  if (!mux) throw std::bad_alloc();
  WebPIterator frame;
  bool more = WebPDemuxGetFrame(file.demuxer.get(), 1, &frame);
  for (; more; more = WebPDemuxNextFrame(&frame)) {
    WebPMuxError put = WEBP_MUX_OK;
    const Bytes still = as_file(frame);
    const WebPData still_data = data_of(still);
    if (file.moves) {
      WebPMuxFrameInfo info{};
      info.bitstream = still_data;
      info.x_offset = frame.x_offset;
      info.y_offset = frame.y_offset;
      info.duration = frame.duration;
      info.id = WEBP_CHUNK_ANMF;
      info.dispose_method = frame.dispose_method;
      info.blend_method = frame.blend_method;
      put = WebPMuxPushFrame(mux.get(), &info, 1);
    } else {
      put = WebPMuxSetImage(mux.get(), &still_data, 1);
    }
    if (put != WEBP_MUX_OK) {
      WebPDemuxReleaseIterator(&frame);
      corrupt();
    }
  }
  WebPDemuxReleaseIterator(&frame);
  if (file.moves) {
    const WebPMuxAnimParams params{WebPDemuxGetI(file.demuxer.get(), WEBP_FF_BACKGROUND_COLOR),
                                   static_cast<int>(WebPDemuxGetI(file.demuxer.get(), WEBP_FF_LOOP_COUNT))};
    if (WebPMuxSetAnimationParams(mux.get(), &params) != WEBP_MUX_OK ||
        WebPMuxSetCanvasSize(mux.get(), static_cast<int>(file.width), static_cast<int>(file.height)) != WEBP_MUX_OK)
      corrupt();
  }
  WebPData made{};
  if (WebPMuxAssemble(mux.get(), &made) != WEBP_MUX_OK) corrupt();
  Bytes out(made.bytes, made.bytes + made.size);
  WebPDataClear(&made);
  return out;
}

Bytes encode_webp(const Pixels& pixels, bool lossless, float quality) {
  std::uint8_t* made = nullptr;
  const int w = static_cast<int>(pixels.width), h = static_cast<int>(pixels.height);
  const int stride = w * static_cast<int>(pixels.channels);
  const Byte* from = pixels.data.data();
  std::size_t size = 0;
  if (pixels.channels == 4)
    size = lossless ? WebPEncodeLosslessRGBA(from, w, h, stride, &made)
                    : WebPEncodeRGBA(from, w, h, stride, quality, &made);
  else
    size =
        lossless ? WebPEncodeLosslessRGB(from, w, h, stride, &made) : WebPEncodeRGB(from, w, h, stride, quality, &made);
  if (size == 0) throw Refusal(Status::too_large, "cannot be encoded as WebP: it has too many pixels");
  Bytes out(made, made + size);
  WebPFree(made);
  return out;
}

}  // namespace argot::media
