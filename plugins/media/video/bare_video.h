// The same pictures and sounds in a new container, not encoded again.
#pragma once
#include "video_input.h"

namespace argot::media {

/// Takes over the packets of one video and one audio stream, how they are turned, and nothing else: what describes the
/// file, its makers, places and times has no way into the new one. Messages inside of the pictures' own stream (SEI
/// units of H.264 and HEVC, metadata of AV1, what Vorbis keeps as comments) are left out as well. Throws Refusal.
Bytes bare_video(VideoInput& in, std::string_view type, std::uint64_t max_output);

}  // namespace argot::media
