// RIFF WAVE files: PCM of 8, 16, 24 or 32 bits, or floating point of 32; mono or stereo.
#pragma once
#include <decoder/frames.h>

#include <vector>

namespace argot::media {

struct Sound {
  std::uint32_t rate = 0;      ///< frames a second
  unsigned channels = 0;       ///< 1 or 2
  std::vector<float> samples;  ///< -1 to 1, channels interleaved
};

/// Throws Refusal. A data chunk that says it is longer than the file ends with the file, as interrupted recordings do.
Sound read_wav(ByteView file);

}  // namespace argot::media
