// What the video decoder does with one request. In a process of its own, or in a fuzz target.
#pragma once
#include <decoder/frames.h>

namespace argot::media {

/// prepare: the pictures and the sound in a new container. describe: size, length and a poster. Throws Refusal.
Answer decode_video(Request request);

}  // namespace argot::media
