// What the picture decoder does with one request. In a process of its own, or in a fuzz target.
#pragma once
#include <decoder/frames.h>

namespace argot::media {

/// prepare: the picture and nothing but the picture. describe: its size and a thumbnail. Throws Refusal.
Answer decode_image(Request request);

}  // namespace argot::media
