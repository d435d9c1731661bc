// The main function of a decoder process: `argot-decode-X MEMORY_MB CPU_S WALL_MS`, request on 0, answer on 1.
#pragma once
#include "frames.h"

namespace argot::media {

/// What a kind of decoder is. Throws Refusal; std::bad_alloc means that the item needs more memory than allowed.
using Decode = Answer (*)(Request request);

int decoder_main(int argc, char** argv, Decode decode);

}  // namespace argot::media
