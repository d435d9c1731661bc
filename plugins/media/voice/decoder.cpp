// argot-decode-voice: the process in which strangers' recordings are decoded.
#include "voice_decoder.h"

#include <decoder/decoder_main.h>

int main(int argc, char** argv) { return argot::media::decoder_main(argc, argv, argot::media::decode_voice); }
