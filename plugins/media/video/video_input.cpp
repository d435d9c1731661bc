#include "video_input.h"

#include "../image/pixels.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/log.h>
}

#include <algorithm>
#include <cstring>
#include <vector>

namespace argot::media {

const char* const allowed_decoders = "h264,hevc,vp8,vp9,libdav1d,av1,aac,opus,vorbis,mp3float,mp3";

namespace {

constexpr int buffer_size = 1 << 15;
constexpr unsigned max_streams = 32;

/// Codecs whose streams are taken over: for each it is known where it could hide something.
bool is_known_video(AVCodecID id) {
  return id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_HEVC || id == AV_CODEC_ID_VP8 || id == AV_CODEC_ID_VP9 ||
         id == AV_CODEC_ID_AV1;
}
bool is_known_audio(AVCodecID id) {
  return id == AV_CODEC_ID_AAC || id == AV_CODEC_ID_MP3 || id == AV_CODEC_ID_OPUS || id == AV_CODEC_ID_VORBIS ||
         id == AV_CODEC_ID_AC3 || id == AV_CODEC_ID_EAC3 || id == AV_CODEC_ID_AMR_NB || id == AV_CODEC_ID_AMR_WB ||
         id == AV_CODEC_ID_PCM_S16LE || id == AV_CODEC_ID_PCM_S16BE || id == AV_CODEC_ID_PCM_S24LE ||
         id == AV_CODEC_ID_PCM_S24BE || id == AV_CODEC_ID_PCM_F32LE;
}

/// A file may name other files as parts of itself.
int open_nothing(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

[[noreturn]] void cut_off() { throw Refusal(Status::corrupt, "is damaged or cut off"); }

}  // namespace

VideoInput::VideoInput(ByteView file, std::string_view type, std::uint64_t max_pixels) : file_(file) {
  try {
    open(type);
    choose_streams(max_pixels);
    probe(max_pixels);
  } catch (...) {
    close();
    throw;
  }
}

VideoInput::~VideoInput() { close(); }

void VideoInput::close() {
  avformat_close_input(&format_);
  if (io_) av_freep(&io_->buffer);
  avio_context_free(&io_);
}

int VideoInput::read(void* self, std::uint8_t* to, int size) {
  auto& in = *static_cast<VideoInput*>(self);
  const auto left = static_cast<std::int64_t>(in.file_.size()) - in.at_;
  const int n = static_cast<int>(std::min<std::int64_t>(left, size));
  if (n <= 0) return AVERROR_EOF;
  std::memcpy(to, in.file_.data() + in.at_, static_cast<std::size_t>(n));
  in.at_ += n;
  return n;
}

std::int64_t VideoInput::seek(void* self, std::int64_t to, int whence) {
  auto& in = *static_cast<VideoInput*>(self);
  const auto size = static_cast<std::int64_t>(in.file_.size());
  whence &= ~AVSEEK_FORCE;
  if (whence == AVSEEK_SIZE) return size;
  if (whence == SEEK_CUR) to += in.at_;
  if (whence == SEEK_END) to += size;
  if (to < 0 || to > size) return AVERROR(EINVAL);
  return in.at_ = to;
}

void VideoInput::open(std::string_view type) {
  av_log_set_level(AV_LOG_QUIET);  // it would print what the file says
  const bool matroska = type == "video/webm" || type == "video/x-matroska";
  auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_size));
  format_ = avformat_alloc_context();
  if (buffer) io_ = avio_alloc_context(buffer, buffer_size, 0, this, read, nullptr, seek);
  if (!io_) av_free(buffer);
  if (!io_ || !format_) throw std::bad_alloc();
  format_->pb = io_;
  format_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  format_->io_open = open_nothing;
  format_->max_streams = max_streams;
  format_->codec_whitelist = av_strdup(allowed_decoders);
  format_->format_whitelist = av_strdup(matroska ? "matroska,webm" : "mov,mp4,m4a,3gp,3g2,mj2");
  format_->protocol_whitelist = av_strdup("none");
  const AVInputFormat* kind = av_find_input_format(matroska ? "matroska" : "mov");
  const int result = avformat_open_input(&format_, "", kind, nullptr);  // frees the context when it fails
  if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
  if (result < 0) cut_off();
}

void VideoInput::choose_streams(std::uint64_t max_pixels) {
  bool foreign_video = false, foreign_audio = false;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    const AVMediaType kind = stream->codecpar->codec_type;
    const AVCodecID codec = stream->codecpar->codec_id;
    const bool cover = stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
    if (kind == AVMEDIA_TYPE_VIDEO && !cover) {
      if (video_ < 0 && is_known_video(codec))
        video_ = static_cast<int>(i);
      else
        foreign_video |= codec != AV_CODEC_ID_NONE;
    }
    if (kind == AVMEDIA_TYPE_AUDIO) {
      if (audio_ < 0 && is_known_audio(codec))
        audio_ = static_cast<int>(i);
      else
        foreign_audio = true;
    }
    stream->discard = AVDISCARD_ALL;
  }
  if (video_ < 0 && foreign_video)
    throw Refusal(Status::unsupported, "is encoded in a way that cannot be freed of metadata");
  if (video_ < 0) throw Refusal(Status::corrupt, "has no moving pictures that can be recognized");
  if (audio_ < 0 && foreign_audio)
    throw Refusal(Status::unsupported, "has sound that is encoded in a way that cannot be freed of metadata");
  for (const int kept : {video_, audio_})
    if (kept >= 0) format_->streams[kept]->discard = AVDISCARD_DEFAULT;
  check_pixels(max_pixels);
}

void VideoInput::check_pixels(std::uint64_t max_pixels) const {
  const AVCodecParameters& par = *video()->codecpar;
  if (par.width < 0 || par.height < 0) cut_off();
  if (par.width > 0 && par.height > 0)
    check_size(static_cast<std::uint64_t>(par.width), static_cast<std::uint64_t>(par.height), max_pixels);
}

void VideoInput::probe(std::uint64_t max_pixels) {
  std::vector<AVDictionary*> options(format_->nb_streams, nullptr);
  for (AVDictionary*& one : options) {
    av_dict_set(&one, "threads", "1", 0);
    av_dict_set_int(&one, "max_pixels", static_cast<std::int64_t>(max_pixels), 0);
  }
  const unsigned count = format_->nb_streams;
  const int result = avformat_find_stream_info(format_, options.data());
  for (unsigned i = 0; i < count; ++i) av_dict_free(&options[i]);
  if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
  if (result < 0) cut_off();
  check_pixels(max_pixels);
  if (video()->codecpar->width == 0 || video()->codecpar->height == 0) cut_off();
}

int VideoInput::orientation() const {
  std::size_t size = 0;
  const auto* side = av_stream_get_side_data(video(), AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (!side || size < 9 * sizeof(std::int32_t)) return 1;
  std::int32_t m[9];
  std::memcpy(m, side, sizeof m);
  // (x, y) is shown at (m0 x + m3 y, m1 x + m4 y); only quarter turns and mirrors are meant.
  if (std::abs(std::int64_t{m[0]}) >= std::abs(std::int64_t{m[1]}))
    return m[0] >= 0 ? (m[4] >= 0 ? 1 : 4) : (m[4] >= 0 ? 2 : 3);
  return m[1] >= 0 ? (m[3] >= 0 ? 5 : 6) : (m[3] >= 0 ? 8 : 7);
}

bool VideoInput::next(AVPacket* packet) {
  for (;;) {
    av_packet_unref(packet);
    const int result = av_read_frame(format_, packet);
    if (result == AVERROR_EOF) return false;
    if (result == AVERROR(ENOMEM)) throw std::bad_alloc();
    if (result < 0) cut_off();
    if (packet->stream_index != video_ && packet->stream_index != audio_) continue;
    if (packet->flags & AV_PKT_FLAG_CORRUPT) cut_off();
    return true;
  }
}

}  // namespace argot::media
