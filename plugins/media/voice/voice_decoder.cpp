#include "voice_decoder.h"

#include "wav.h"

#include <decoder/sniff.h>

#include <ogg/ogg.h>
#include <opusenc.h>
#include <opusfile.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace argot::media {
namespace {

constexpr std::uint64_t max_length_s = 4 * 3600;
constexpr int largest_page = 255 * 255;  // bytes
constexpr ogg_int32_t serial = 1;        // libopusenc would make it from process number and time

/// The loudest sample of each of the equal parts, 0 to 255.
class Waveform {
 public:
  explicit Waveform(std::uint64_t samples) : samples_(std::max<std::uint64_t>(samples, 1)) {}
  void add(float sample) {
    const std::size_t part = std::min<std::uint64_t>(at_++ * waveform_parts / samples_, waveform_parts - 1);
    peaks_[part] = std::max(peaks_[part], std::min(std::fabs(sample), 1.0f));
  }
  Bytes take() const {
    Bytes out;
    for (float peak : peaks_) out.push_back(static_cast<Byte>(std::lround(peak * 255)));
    return out;
  }

 private:
  std::uint64_t samples_, at_ = 0;
  float peaks_[waveform_parts] = {};
};

int put_bytes(void* to, const unsigned char* bytes, opus_int32 size) {
  auto& out = *static_cast<Bytes*>(to);
  out.insert(out.end(), bytes, bytes + size);
  return 0;
}
int close_nothing(void*) { return 0; }

template <auto F> struct Free {
  template <class T> void operator()(T* it) const { F(it); }
};

Bytes opus_from(const Sound& sound) {
  Bytes out;
  const std::unique_ptr<OggOpusComments, Free<ope_comments_destroy>> comments(ope_comments_create());
  const OpusEncCallbacks callbacks{put_bytes, close_nothing};
  int failure = 0;
  const std::unique_ptr<OggOpusEnc, Free<ope_encoder_destroy>> encoder(
      ope_encoder_create_callbacks(&callbacks, &out, comments.get(), static_cast<opus_int32>(sound.rate),
                                   static_cast<int>(sound.channels), 0, &failure));
  if (!encoder) throw Refusal(Status::unsupported, "cannot be encoded as Opus");
  const int bits_per_second = sound.channels == 1 ? 32'000 : 64'000;
  bool good = ope_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(bits_per_second)) == OPE_OK &&
              ope_encoder_ctl(encoder.get(), OPE_SET_SERIALNO(serial)) == OPE_OK;
  const int frames = static_cast<int>(sound.samples.size() / sound.channels);
  good = good && ope_encoder_write_float(encoder.get(), sound.samples.data(), frames) == OPE_OK &&
         ope_encoder_drain(encoder.get()) == OPE_OK;
  if (!good) throw Refusal(Status::corrupt, "cannot be encoded as Opus");
  return out;
}

Answer describe_wav(const Sound& sound) {
  Answer out;
  out.text = "audio/wav";
  out.length_us = sound.samples.size() / sound.channels * 1'000'000 / sound.rate;
  Waveform wave(sound.samples.size());
  for (float sample : sound.samples) wave.add(sample);
  out.waveform = wave.take();
  return out;
}

Answer describe_opus(ByteView file) {
  const std::unique_ptr<OggOpusFile, Free<op_free>> in(op_open_memory(file.data(), file.size(), nullptr));
  const ogg_int64_t total = in ? op_pcm_total(in.get(), -1) : -1;
  if (!in || total < 0) throw Refusal(Status::corrupt, "is cut off or not an Opus recording");
  if (total == 0) throw Refusal(Status::corrupt, "has no sound in it: it is zero seconds long");
  if (static_cast<std::uint64_t>(total) > max_length_s * 48'000)
    throw Refusal(Status::too_large, "is longer than four hours");
  Waveform wave(static_cast<std::uint64_t>(total));
  float buffer[2 * 5760];
  ogg_int64_t heard = 0;
  for (int got; (got = op_read_float_stereo(in.get(), buffer, 2 * 5760)) != 0;) {
    if (got == OP_HOLE) continue;
    if (got < 0) throw Refusal(Status::corrupt, "is cut off or not an Opus recording");
    heard += got;
    for (int i = 0; i < got; ++i) wave.add(std::max(std::fabs(buffer[2 * i]), std::fabs(buffer[2 * i + 1])));
  }
  if (heard == 0) throw Refusal(Status::corrupt, "has no sound in it: it is zero seconds long");
  Answer out;
  out.text = "audio/ogg";
  out.length_us = static_cast<std::uint64_t>(total) * 1'000'000 / 48'000;
  out.waveform = wave.take();
  return out;
}

/// The same packets on new pages, with a comment header that says nothing (RFC 7845, section 5.2).
Bytes bare_opus(ByteView file) {
  ogg_sync_state pages;
  ogg_stream_state from, to;
  ogg_sync_init(&pages);
  Bytes out;
  ogg_page page;
  auto put_page = [&] {
    put_bytes(&out, page.header, static_cast<opus_int32>(page.header_len));
    put_bytes(&out, page.body, static_cast<opus_int32>(page.body_len));
  };
  char* buffer = ogg_sync_buffer(&pages, static_cast<long>(file.size()));
  if (!buffer) throw std::bad_alloc();
  std::copy(file.begin(), file.end(), buffer);
  ogg_sync_wrote(&pages, static_cast<long>(file.size()));
  ogg_page in;
  std::uint64_t packets = 0;
  bool begun = false;
  while (ogg_sync_pageout(&pages, &in) == 1) {
    if (!begun) {
      ogg_stream_init(&from, ogg_page_serialno(&in));
      ogg_stream_init(&to, serial);
      begun = true;
    }
    if (ogg_stream_pagein(&from, &in) != 0) throw Refusal(Status::unsupported, "has more than one stream in it");
    ogg_packet packet;
    while (ogg_stream_packetout(&from, &packet) == 1) {
      static constexpr std::string_view silent("OpusTags\5\0\0\0Argot\0\0\0\0", 21);
      if (packets == 1) {
        packet.packet = reinterpret_cast<unsigned char*>(const_cast<char*>(silent.data()));
        packet.bytes = silent.size();
      }
      if (ogg_stream_packetin(&to, &packet) != 0) throw std::bad_alloc();
      ++packets;
      // Pages end where they ended: only there a packet says which moment it reaches.
      if (packets <= 2 || packet.granulepos >= 0)
        while (ogg_stream_flush_fill(&to, &page, largest_page)) put_page();
    }
  }
  if (packets < 3) throw Refusal(Status::corrupt, "has no sound in it: it is zero seconds long");
  while (ogg_stream_flush_fill(&to, &page, largest_page)) put_page();
  ogg_stream_clear(&from);
  ogg_stream_clear(&to);
  ogg_sync_clear(&pages);
  return out;
}

}  // namespace

Answer decode_voice(Request request) {
  const std::string_view type = sniff(request.data);
  const bool preparing = request.operation == Operation::prepare;
  if (type != "audio/wav" && type != "audio/ogg")
    throw Refusal(Status::unsupported, "is of a kind of sound that is neither read nor freed of metadata");
  if (type == "audio/wav") {
    const Sound sound = read_wav(request.data);
    Answer out = describe_wav(sound);
    if (preparing) {
      out.text = "audio/ogg";
      out.data = bare_opus(opus_from(sound));  // libraries tell their versions
    }
    return out;
  }
  Answer out = describe_opus(request.data);
  if (preparing) out.data = bare_opus(request.data);
  return out;
}

}  // namespace argot::media
