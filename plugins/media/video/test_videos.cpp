#include "test_videos.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
}

#include <cstring>
#include <vector>

namespace argot::media::test {
namespace {

void encode_into(AVFormatContext* format, AVCodecContext* codec, AVStream* stream, AVFrame* frame) {
  AVPacket* packet = av_packet_alloc();
  avcodec_send_frame(codec, frame);
  while (avcodec_receive_packet(codec, packet) == 0) {
    packet->stream_index = stream->index;
    av_packet_rescale_ts(packet, codec->time_base, stream->time_base);
    av_interleaved_write_frame(format, packet);
  }
  av_packet_free(&packet);
}

void paint(AVFrame* frame, int moment) {
  for (int y = 0; y < frame->height; ++y)
    for (int x = 0; x < frame->width; ++x) {
      const bool left = x < frame->width / 2;
      frame->data[0][y * frame->linesize[0] + x] = static_cast<Byte>((left ? 81 : 41) + moment % 3);
      frame->data[1][y / 2 * frame->linesize[1] + x / 2] = left ? 90 : 240;
      frame->data[2][y / 2 * frame->linesize[2] + x / 2] = left ? 240 : 110;
    }
}

AVStream* stream_of(AVFormatContext* format, AVCodecContext* codec) {
  AVStream* out = avformat_new_stream(format, nullptr);
  avcodec_parameters_from_context(out->codecpar, codec);
  out->time_base = codec->time_base;
  return out;
}

AVCodecContext* video_codec(const VideoForm& form, const AVCodec* encoder, bool global) {
  AVCodecContext* out = avcodec_alloc_context3(encoder);
  out->width = form.width;
  out->height = form.height;
  out->pix_fmt = AV_PIX_FMT_YUV420P;
  out->time_base = {1, 12};
  out->framerate = {12, 1};
  out->gop_size = 6;
  out->thread_count = 1;
  if (global) out->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (form.encoder == "libx264") av_opt_set(out->priv_data, "x264-params", "log-level=none:bframes=2", 0);
  return avcodec_open2(out, encoder, nullptr) < 0 ? (avcodec_free_context(&out), nullptr) : out;
}

AVCodecContext* sound_codec(const VideoForm& form, bool global) {
  const bool webm = form.container == "webm";
  const AVCodec* encoder = avcodec_find_encoder_by_name(webm ? "libopus" : "aac");
  if (!encoder) return nullptr;
  AVCodecContext* out = avcodec_alloc_context3(encoder);
  out->sample_rate = 48'000;
  out->sample_fmt = webm ? AV_SAMPLE_FMT_FLT : AV_SAMPLE_FMT_FLTP;
  av_channel_layout_default(&out->ch_layout, 1);
  out->time_base = {1, 48'000};
  out->flags |= AV_CODEC_FLAG_BITEXACT;  // AAC's encoder writes its name into the sound itself, where it stays
  if (global) out->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  return avcodec_open2(out, encoder, nullptr) < 0 ? (avcodec_free_context(&out), nullptr) : out;
}

void add_secrets(AVFormatContext* format) {
  for (AVDictionary** where : {&format->metadata, &format->streams[0]->metadata}) {
    av_dict_set(where, "location", "+48.8577+002.295+SECRETPLACE/", 0);
    av_dict_set(where, "com.apple.quicktime.location.ISO6709", "+48.8577+002.295+SECRETPLACE/", 0);
    av_dict_set(where, "artist", "SECRETAUTHOR", 0);
    av_dict_set(where, "comment", "SECRETAUTHOR", 0);
    av_dict_set(where, "title", "SECRETAUTHOR", 0);
    av_dict_set(where, "handler_name", "SECRETAUTHOR", 0);
    av_dict_set(where, "creation_time", "2024-02-03T04:05:06.000000Z", 0);
  }
}

/// What cameras write beside the pictures: where they were, many times a second.
AVStream* position_track(AVFormatContext* format) {
  AVStream* out = avformat_new_stream(format, nullptr);
  out->codecpar->codec_type = AVMEDIA_TYPE_DATA;
  out->codecpar->codec_id = AV_CODEC_ID_BIN_DATA;
  out->codecpar->codec_tag = MKTAG('g', 'p', 'm', 'd');
  out->time_base = {1, 12};
  return out;
}

void write_positions(AVFormatContext* format, AVStream* track) {
  for (int i = 0; i < 3; ++i) {
    AVPacket* packet = av_packet_alloc();
    av_new_packet(packet, 11);
    std::memcpy(packet->data, "SECRETTRACK", 11);
    packet->stream_index = track->index;
    packet->pts = packet->dts = av_rescale_q(i, {1, 12}, track->time_base);
    packet->duration = av_rescale_q(1, {1, 12}, track->time_base);
    packet->flags |= AV_PKT_FLAG_KEY;
    av_interleaved_write_frame(format, packet);
    av_packet_free(&packet);
  }
}

void write_sound(AVFormatContext* format, AVCodecContext* codec, AVStream* stream, int samples) {
  for (int at = 0; at < samples; at += codec->frame_size) {
    AVFrame* frame = av_frame_alloc();
    frame->nb_samples = codec->frame_size;
    frame->format = codec->sample_fmt;
    frame->sample_rate = codec->sample_rate;
    av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout);
    av_frame_get_buffer(frame, 0);
    std::memset(frame->data[0], 0, static_cast<std::size_t>(codec->frame_size) * sizeof(float));
    frame->pts = at;
    encode_into(format, codec, stream, frame);
    av_frame_free(&frame);
  }
  encode_into(format, codec, stream, nullptr);
}

}  // namespace

Bytes make_video(const VideoForm& form) {
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext* format = nullptr;
  const AVCodec* encoder = avcodec_find_encoder_by_name(form.encoder.c_str());
  if (!encoder || avformat_alloc_output_context2(&format, nullptr, form.container.c_str(), nullptr) < 0) return {};
  const bool global = format->oformat->flags & AVFMT_GLOBALHEADER;
  avio_open_dyn_buf(&format->pb);
  AVCodecContext* video = video_codec(form, encoder, global);
  AVCodecContext* sound = form.sound ? sound_codec(form, global) : nullptr;
  if (!video) return {};
  AVStream* pictures = stream_of(format, video);
  AVStream* sounds = sound ? stream_of(format, sound) : nullptr;
  AVStream* positions = form.secrets && form.container == "mov" ? position_track(format) : nullptr;
  if (form.secrets) add_secrets(format);
  if (form.quarter_turns) {
    auto* matrix = av_stream_new_side_data(pictures, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t));
    av_display_rotation_set(reinterpret_cast<std::int32_t*>(matrix), 90.0 * form.quarter_turns);
  }
  AVDictionary* options = nullptr;
  if (form.container == "mov") av_dict_set(&options, "movflags", "use_metadata_tags", 0);
  const int begun = avformat_write_header(format, &options);
  av_dict_free(&options);
  if (begun >= 0) {
    for (int i = 0; i < form.frames; ++i) {
      AVFrame* frame = av_frame_alloc();
      frame->width = form.width;
      frame->height = form.height;
      frame->format = AV_PIX_FMT_YUV420P;
      av_frame_get_buffer(frame, 0);
      paint(frame, i);
      frame->pts = i;
      encode_into(format, video, pictures, frame);
      av_frame_free(&frame);
    }
    encode_into(format, video, pictures, nullptr);
    if (sounds) write_sound(format, sound, sounds, form.frames * 4000);
    if (positions) write_positions(format, positions);
    av_write_trailer(format);
  }
  std::uint8_t* buffer = nullptr;
  const int size = avio_close_dyn_buf(format->pb, &buffer);
  Bytes out(buffer, buffer + (begun < 0 ? 0 : size));
  av_free(buffer);
  avcodec_free_context(&video);
  avcodec_free_context(&sound);
  format->pb = nullptr;
  avformat_free_context(format);
  return out;
}

}  // namespace argot::media::test
