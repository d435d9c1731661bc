// Sizes and lengths as people read them.
#pragma once
#include <argot/media.h>

namespace argot::media {

std::string size_text(std::uint64_t bytes);  ///< "812 bytes", "14 kB", "2.1 MB"
std::string length_text(Duration length);    ///< "0:07", "1:02:03"

}  // namespace argot::media
