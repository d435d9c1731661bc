// Small videos with everything in them that must not stay.
#pragma once
#include <argot/bytes.h>

#include <string>

namespace argot::media::test {

struct VideoForm {
  std::string container = "mov";    ///< of FFmpeg: mov, mp4, webm, matroska
  std::string encoder = "libx264";  ///< of FFmpeg
  int width = 64, height = 48;
  int frames = 12;
  int quarter_turns = 0;  ///< clockwise
  bool sound = true;
  bool secrets = true;  ///< SECRETPLACE, SECRETAUTHOR and a track of positions (SECRETTRACK)
};

/// Red on the left, blue on the right. Empty where this FFmpeg has no such encoder.
Bytes make_video(const VideoForm& form);

}  // namespace argot::media::test
