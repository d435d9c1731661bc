// argot-decode-video: the process in which strangers' videos are taken apart.
#include "video_decoder.h"

#include <decoder/decoder_main.h>

#include <ctime>

int main(int argc, char** argv) {
  tzset();  // FFmpeg writes dates out, and the C library opens a file for the first of them: that is over by then
  return argot::media::decoder_main(argc, argv, argot::media::decode_video);
}
