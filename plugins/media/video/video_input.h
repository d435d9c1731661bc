// A video in memory, opened by FFmpeg under the narrowest conditions that it knows.
#pragma once
#include <decoder/frames.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <string_view>

namespace argot::media {

class VideoInput {
 public:
  /// `type`: as sniffed. `file` must outlive this. Throws Refusal.
  VideoInput(ByteView file, std::string_view type, std::uint64_t max_pixels);
  ~VideoInput();
  VideoInput(const VideoInput&) = delete;

  AVFormatContext* format() const { return format_; }
  AVStream* video() const { return format_->streams[video_]; }
  AVStream* audio() const { return audio_ < 0 ? nullptr : format_->streams[audio_]; }  ///< null: silent
  /// As EXIF counts orientations, 1 to 8.
  int orientation() const;
  /// The next packet of the video or its sound; false at the end. Throws Refusal where the file is cut off.
  bool next(AVPacket* packet);

 private:
  static int read(void* self, std::uint8_t* to, int size);
  static std::int64_t seek(void* self, std::int64_t to, int whence);
  void open(std::string_view type);
  void choose_streams(std::uint64_t max_pixels);
  void check_pixels(std::uint64_t max_pixels) const;
  void probe(std::uint64_t max_pixels);
  void close();

  ByteView file_;
  std::int64_t at_ = 0;
  AVIOContext* io_ = nullptr;
  AVFormatContext* format_ = nullptr;
  int video_ = -1, audio_ = -1;
};

/// The decoders that may run, as FFmpeg's option codec_whitelist wants them.
extern const char* const allowed_decoders;

struct PacketFree {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

}  // namespace argot::media
