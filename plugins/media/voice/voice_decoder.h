// What the sound decoder does with one request: WAV becomes Ogg Opus, Ogg Opus is freed of its comments and described.
#pragma once
#include <decoder/frames.h>

namespace argot::media {

inline constexpr std::size_t waveform_parts = 64;

/// Throws Refusal.
Answer decode_voice(Request request);

}  // namespace argot::media
