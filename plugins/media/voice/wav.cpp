#include "wav.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace argot::media {
namespace {

std::uint32_t number(ByteView bytes, std::size_t at, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < size; ++i) out |= static_cast<std::uint32_t>(bytes[at + i]) << (8 * i);
  return out;
}

constexpr unsigned pcm = 1, floating = 3, extensible = 0xFFFE;

float sample(ByteView bytes, std::size_t at, unsigned format, unsigned bits) {
  if (format == floating) {
    const auto value = std::bit_cast<float>(number(bytes, at, 4));
    return std::isfinite(value) ? std::clamp(value, -1.0f, 1.0f) : 0.0f;
  }
  if (bits == 8) return (static_cast<float>(bytes[at]) - 128) / 128;
  const std::uint32_t high = number(bytes, at, bits / 8) << (32 - bits);
  return static_cast<float>(static_cast<std::int32_t>(high)) / 2147483648.0f;
}

}  // namespace

Sound read_wav(ByteView file) {
  if (file.size() < 12 || !text_of(file).starts_with("RIFF") || text_of(file).substr(8, 4) != "WAVE")
    throw Refusal(Status::corrupt, "is not a WAV recording");
  Sound out;
  unsigned format = 0, bits = 0;
  for (ByteView rest = file.subspan(12); rest.size() >= 8;) {
    const std::string_view name = text_of(rest.first(4));
    const std::uint64_t says = number(rest, 4, 4);
    const ByteView body = rest.subspan(8, std::min<std::uint64_t>(says, rest.size() - 8));
    if (name == "fmt " && body.size() >= 16) {
      format = number(body, 0, 2);
      out.channels = number(body, 2, 2);
      out.rate = number(body, 4, 4);
      bits = number(body, 14, 2);
      if (format == extensible && body.size() >= 26) format = number(body, 24, 2);
    }
    if (name == "data") {
      const bool known = (format == pcm && (bits == 8 || bits == 16 || bits == 24 || bits == 32)) ||
                         (format == floating && bits == 32);
      if (!known || out.channels < 1 || out.channels > 2 || out.rate < 4000 || out.rate > 192'000)
        throw Refusal(Status::unsupported, "is a WAV recording of a form that is not read");
      const std::size_t step = bits / 8, count = body.size() / (step * out.channels) * out.channels;
      if (count == 0) throw Refusal(Status::corrupt, "has no sound in it: it is zero seconds long");
      out.samples.resize(count);
      for (std::size_t i = 0; i < count; ++i) out.samples[i] = sample(body, i * step, format, bits);
      return out;
    }
    rest = rest.subspan(std::min<std::uint64_t>(rest.size(), 8 + says + says % 2));
  }
  throw Refusal(Status::corrupt, "has no sound in it: it is cut off");
}

}  // namespace argot::media
