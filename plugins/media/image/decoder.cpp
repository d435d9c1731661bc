// argot-decode-image: the process in which strangers' pictures are decoded.
#include "image_decoder.h"

#include <decoder/decoder_main.h>

int main(int argc, char** argv) { return argot::media::decoder_main(argc, argv, argot::media::decode_image); }
