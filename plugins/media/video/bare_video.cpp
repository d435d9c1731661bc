#include "bare_video.h"

extern "C" {
#include <libavcodec/bsf.h>
}

#include <cstring>
#include <memory>

namespace argot::media {
namespace {

constexpr int buffer_size = 1 << 15;

/// Which units of a stream only describe: SEI, fillers, what no standard has a meaning for.
const char* cleaner(AVCodecID id) {
  switch (id) {
    case AV_CODEC_ID_H264: return "filter_units=remove_types=0|6|12|24-31";
    case AV_CODEC_ID_HEVC: return "filter_units=remove_types=38-63";
    case AV_CODEC_ID_AV1: return "filter_units=remove_types=5|9-15";
    default: return "null";
  }
}

const char* muxer(std::string_view type) {
  return type == "video/webm"         ? "webm"
         : type == "video/x-matroska" ? "matroska"
         : type == "video/quicktime"  ? "mov"
         : type == "video/3gpp"       ? "3gp"
                                      : "mp4";
}

struct BsfFree {
  void operator()(AVBSFContext* bsf) const { av_bsf_free(&bsf); }
};
using Bsf = std::unique_ptr<AVBSFContext, BsfFree>;

void set_extradata(AVCodecParameters& par, ByteView bytes) {
  av_freep(&par.extradata);
  par.extradata_size = 0;
  if (bytes.empty()) return;
  par.extradata = static_cast<std::uint8_t*>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (!par.extradata) throw std::bad_alloc();
  std::memcpy(par.extradata, bytes.data(), bytes.size());
  par.extradata_size = static_cast<int>(bytes.size());
}

/// Three headers: what it is, comments, how to decode it; before them their number less one and the first two's sizes.
/// The middle one is replaced by an empty one.
void empty_vorbis_comment(AVCodecParameters& par) {
  const ByteView old(par.extradata, static_cast<std::size_t>(par.extradata_size));
  const Refusal damaged(Status::corrupt, "has sound that is damaged");
  if (old.empty() || old[0] != 2) throw damaged;
  std::size_t at = 1, sizes[2] = {};
  for (std::size_t& size : sizes)
    for (;;) {
      if (at >= old.size()) throw damaged;
      size += old[at];
      if (old[at++] != 255) break;
    }
  if (old.size() - at < sizes[0] || old.size() - at - sizes[0] < sizes[1]) throw damaged;
  const ByteView first = old.subspan(at, sizes[0]), last = old.subspan(at + sizes[0] + sizes[1]);
  static constexpr Byte none[] = {3, 'v', 'o', 'r', 'b', 'i', 's', 0, 0, 0, 0, 0, 0, 0, 0, 1};
  if (first.size() > 254) throw damaged;
  Bytes out = {2, static_cast<Byte>(first.size()), sizeof none};
  out.insert(out.end(), first.begin(), first.end());
  out.insert(out.end(), std::begin(none), std::end(none));
  out.insert(out.end(), last.begin(), last.end());
  set_extradata(par, out);
}

class Output {
 public:
  Output(const char* kind, std::uint64_t most) : most_(most) {
    try {
      if (avformat_alloc_output_context2(&format_, nullptr, kind, nullptr) < 0) throw std::bad_alloc();
      auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_size));
      if (buffer) io_ = avio_alloc_context(buffer, buffer_size, 1, this, nullptr, write, seek);
      if (!io_) av_free(buffer);
      if (!io_) throw std::bad_alloc();
    } catch (...) {
      close();
      throw;
    }
    format_->pb = io_;
    format_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;  // no date, no chance, no name of the writer
  }
  ~Output() { close(); }
  Output(const Output&) = delete;

  void add(const AVStream& from, const AVCodecParameters& how) {
    AVStream* to = avformat_new_stream(format_, nullptr);
    if (!to || avcodec_parameters_copy(to->codecpar, &how) < 0) throw std::bad_alloc();
    AVCodecParameters& par = *to->codecpar;
    const auto apple_hevc = static_cast<std::uint32_t>(MKTAG('h', 'v', 'c', '1'));
    par.codec_tag = from.codecpar->codec_tag == apple_hevc ? apple_hevc : 0;  // otherwise as the container likes it
    par.bit_rate = 0;                                                         // a guess, and another one the next time
    if (par.codec_id == AV_CODEC_ID_VP8 || par.codec_id == AV_CODEC_ID_VP9) set_extradata(par, {});
    if (par.codec_id == AV_CODEC_ID_VORBIS) empty_vorbis_comment(par);
    // Matroska's reader takes the delay of sound off its times, and its writer does not put it on: packet() does.
    if (par.codec_type == AVMEDIA_TYPE_AUDIO && std::string_view(format_->oformat->name) != "mp4") {
      format_->avoid_negative_ts = 0;
      if (par.codec_id != AV_CODEC_ID_OPUS) par.initial_padding = 0;
    }
    to->time_base = from.time_base;
    to->avg_frame_rate = from.avg_frame_rate;
    to->sample_aspect_ratio = from.sample_aspect_ratio;
    std::size_t size = 0;
    const auto* turned = av_stream_get_side_data(&from, AV_PKT_DATA_DISPLAYMATRIX, &size);
    if (turned && size == 9 * sizeof(std::int32_t)) {
      auto* copy = av_stream_new_side_data(to, AV_PKT_DATA_DISPLAYMATRIX, size);
      if (!copy) throw std::bad_alloc();
      std::memcpy(copy, turned, size);
    }
  }
  void begin() {
    if (avformat_write_header(format_, nullptr) < 0)
      throw Refusal(Status::unsupported, "holds something that does not belong into a file of its kind");
  }
  void packet(AVPacket* packet, int stream, AVRational from) {
    packet->stream_index = stream;
    packet->pos = -1;
    for (int i = packet->side_data_elems; i-- > 0;)
      if (packet->side_data[i].type != AV_PKT_DATA_SKIP_SAMPLES) {
        std::swap(packet->side_data[i], packet->side_data[packet->side_data_elems - 1]);
        av_free(packet->side_data[--packet->side_data_elems].data);
      }
    const AVStream& to = *format_->streams[stream];
    av_packet_rescale_ts(packet, from, to.time_base);
    if (to.codecpar->codec_id == AV_CODEC_ID_OPUS && format_->avoid_negative_ts == 0) {
      const std::int64_t delay = av_rescale_q(to.codecpar->initial_padding, {1, 48'000}, to.time_base);
      packet->pts += delay;
      packet->dts += delay;
    }
    check(av_interleaved_write_frame(format_, packet));
  }
  Bytes end() {
    check(av_write_trailer(format_));
    avio_flush(io_);
    check(0);
    return std::move(bytes_);
  }

 private:
  void check(int result) const {
    if (full_) throw Refusal(Status::too_large, "does not fit into an attachment");
    if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
    if (result < 0) throw Refusal(Status::corrupt, "has pictures or sounds out of order");
  }
  void close() {
    avformat_free_context(format_);
    if (io_) av_freep(&io_->buffer);
    avio_context_free(&io_);
  }
  static int write(void* self, std::uint8_t* data, int size) {
    auto& out = *static_cast<Output*>(self);
    const auto n = static_cast<std::size_t>(size);
    if (out.full_ || out.at_ + n > out.most_) {
      out.full_ = true;
      return AVERROR(ENOSPC);
    }
    if (out.bytes_.size() < out.at_ + n) out.bytes_.resize(out.at_ + n);
    std::memcpy(out.bytes_.data() + out.at_, data, n);
    out.at_ += n;
    return size;
  }
  static std::int64_t seek(void* self, std::int64_t to, int whence) {
    auto& out = *static_cast<Output*>(self);
    whence &= ~AVSEEK_FORCE;
    const auto size = static_cast<std::int64_t>(out.bytes_.size());
    if (whence == AVSEEK_SIZE) return size;
    if (whence == SEEK_CUR) to += static_cast<std::int64_t>(out.at_);
    if (whence == SEEK_END) to += size;
    if (to < 0 || to > size) return AVERROR(EINVAL);
    out.at_ = static_cast<std::size_t>(to);
    return to;
  }

  Bytes bytes_;
  std::size_t at_ = 0;
  std::uint64_t most_;
  bool full_ = false;
  AVIOContext* io_ = nullptr;
  AVFormatContext* format_ = nullptr;
};

Bsf cleaner_of(const AVStream& stream) {
  AVBSFContext* raw = nullptr;
  if (av_bsf_list_parse_str(cleaner(stream.codecpar->codec_id), &raw) < 0) throw std::bad_alloc();
  Bsf out(raw);
  if (avcodec_parameters_copy(out->par_in, stream.codecpar) < 0) throw std::bad_alloc();
  out->time_base_in = stream.time_base;
  if (av_bsf_init(out.get()) < 0) throw Refusal(Status::corrupt, "is damaged");
  return out;
}

}  // namespace

Bytes bare_video(VideoInput& in, std::string_view type, std::uint64_t max_output) {
  Output out(muxer(type), max_output);
  struct Way {
    AVStream* from;
    Bsf clean;
  };
  std::vector<Way> ways;
  for (AVStream* stream : {in.video(), in.audio()}) {
    if (!stream) continue;
    ways.push_back({stream, cleaner_of(*stream)});
    out.add(*stream, *ways.back().clean->par_out);
  }
  out.begin();
  const std::unique_ptr<AVPacket, PacketFree> packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  auto pass = [&](int to, AVPacket* next) {
    Way& way = ways[static_cast<std::size_t>(to)];
    if (av_bsf_send_packet(way.clean.get(), next) < 0) throw Refusal(Status::corrupt, "is damaged");
    for (;;) {
      const int result = av_bsf_receive_packet(way.clean.get(), packet.get());
      if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return;
      if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
      if (result < 0) throw Refusal(Status::corrupt, "is damaged");
      out.packet(packet.get(), to, way.clean->time_base_out);
    }
  };
  bool pictures = false;
  while (in.next(packet.get())) {
    const bool picture = packet->stream_index == in.video()->index;
    pictures |= picture;
    pass(picture ? 0 : 1, packet.get());
  }
  if (!pictures) throw Refusal(Status::corrupt, "has no moving pictures in it");
  for (std::size_t i = 0; i < ways.size(); ++i) pass(static_cast<int>(i), nullptr);
  return out.end();
}

}  // namespace argot::media
