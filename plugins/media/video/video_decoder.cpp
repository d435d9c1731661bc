#include "video_decoder.h"

#include "../image/codecs.h"
#include "bare_video.h"
#include "video_input.h"

#include <decoder/sniff.h>

extern "C" {
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cstring>
#include <memory>

namespace argot::media {
namespace {

/// So many packets may come before the first picture.
constexpr int max_packets = 200;

struct FrameFree {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct CodecFree {
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
};
using Frame = std::unique_ptr<AVFrame, FrameFree>;

Frame new_frame() {
  Frame out(av_frame_alloc());
  if (!out) throw std::bad_alloc();
  return out;
}

Frame first_frame(VideoInput& in, std::uint64_t max_pixels) {
  const Refusal undecodable(Status::corrupt, "has no picture that can be decoded");
  const AVCodec* decoder = avcodec_find_decoder(in.video()->codecpar->codec_id);
  std::unique_ptr<AVCodecContext, CodecFree> codec(avcodec_alloc_context3(decoder));
  if (!decoder || !codec) throw undecodable;
  if (avcodec_parameters_to_context(codec.get(), in.video()->codecpar) < 0) throw undecodable;
  codec->thread_count = 1;  // and no other thread: the filter would kill it
  codec->max_pixels = static_cast<std::int64_t>(max_pixels);
  codec->codec_whitelist = av_strdup(allowed_decoders);
  if (avcodec_open2(codec.get(), decoder, nullptr) < 0) throw undecodable;
  const std::unique_ptr<AVPacket, PacketFree> packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  Frame out = new_frame();
  for (int i = 0; i < max_packets; ++i) {
    const bool more = in.next(packet.get());
    if (more && packet->stream_index != in.video()->index) continue;
    avcodec_send_packet(codec.get(), more ? packet.get() : nullptr);
    const int result = avcodec_receive_frame(codec.get(), out.get());
    if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
    if (result == 0 && out->width > 0 && out->height > 0) return out;
    if (!more) break;
  }
  throw undecodable;
}

Pixels small_picture(const AVFrame& frame, std::uint32_t edge) {
  const int longer = std::max(frame.width, frame.height);
  const int most = static_cast<int>(std::clamp(edge, 16u, 512u));
  auto scaled = [&](int n) { return longer <= most ? n : std::max(1, n * most / longer); };
  Frame to = new_frame();
  to->width = scaled(frame.width);
  to->height = scaled(frame.height);
  to->format = AV_PIX_FMT_RGB24;
  if (av_frame_get_buffer(to.get(), 0) < 0) throw std::bad_alloc();
  const auto format = static_cast<AVPixelFormat>(frame.format);
  SwsContext* raw = sws_isSupportedInput(format)
                        ? sws_getContext(frame.width, frame.height, format, to->width, to->height, AV_PIX_FMT_RGB24,
                                         SWS_AREA, nullptr, nullptr, nullptr)
                        : nullptr;
  const std::unique_ptr<SwsContext, void (*)(SwsContext*)> scale(raw, sws_freeContext);
  if (!scale) throw Refusal(Status::unsupported, "has pictures of a kind that cannot be shown");
  const int* colours = sws_getCoefficients(frame.colorspace);
  sws_setColorspaceDetails(scale.get(), colours, frame.color_range == AVCOL_RANGE_JPEG,
                           sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
  sws_scale(scale.get(), frame.data, frame.linesize, 0, frame.height, to->data, to->linesize);
  Pixels out(static_cast<std::uint32_t>(to->width), static_cast<std::uint32_t>(to->height), 3);
  for (std::uint32_t y = 0; y < out.height; ++y)
    std::memcpy(out.row(y), to->data[0] + static_cast<std::ptrdiff_t>(y) * to->linesize[0], std::size_t{out.width} * 3);
  return out;
}

Bytes poster(const AVFrame& frame, std::uint32_t edge, int orientation) {
  const Pixels upright = oriented(small_picture(frame, edge), orientation);
  Bytes out = encode_jpeg(upright, 80);
  if (out.size() > max_thumbnail) out = encode_jpeg(upright, 30);
  if (out.size() > max_thumbnail) out.clear();
  return out;
}

/// The container derives some numbers (lengths, shares) from what it read: packed until they no longer change, so that
/// what is prepared again stays the same.
Bytes settled(Bytes made, std::string_view type, const Request& request) {
  for (int i = 0; i < 3; ++i) {
    VideoInput in(made, type, request.max_pixels);
    Bytes again = bare_video(in, type, request.max_output);
    if (again == made) break;
    made = std::move(again);
  }
  return made;
}

}  // namespace

Answer decode_video(Request request) {
  Answer out;
  out.text = sniff(request.data);
  if (!out.text.starts_with("video/")) throw Refusal(Status::corrupt, "is not a video");
  if (out.text == "video/x-msvideo")
    throw Refusal(Status::unsupported, "is of the type " + out.text + ", which cannot be freed of metadata");
  VideoInput in(request.data, out.text, request.max_pixels);
  out.width = static_cast<std::uint32_t>(in.video()->codecpar->width);
  out.height = static_cast<std::uint32_t>(in.video()->codecpar->height);
  out.length_us = static_cast<std::uint64_t>(std::max<std::int64_t>(0, in.format()->duration));
  if (request.operation == Operation::prepare) {
    out.data = settled(bare_video(in, out.text, request.max_output), out.text, request);
  } else {
    const Frame frame = first_frame(in, request.max_pixels);
    out.width = static_cast<std::uint32_t>(frame->width);
    out.height = static_cast<std::uint32_t>(frame->height);
    out.thumbnail = poster(*frame, request.thumbnail_edge, in.orientation());
  }
  if (in.orientation() >= 5) std::swap(out.width, out.height);
  return out;
}

}  // namespace argot::media
