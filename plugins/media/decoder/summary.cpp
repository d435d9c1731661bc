#include "summary.h"

#include <cstdio>

namespace argot::media {

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  if (bytes < 1'000'000) return std::to_string((bytes + 500) / 1000) + " kB";
  char out[32];
  std::snprintf(out, sizeof out, "%.1f MB", static_cast<double>(bytes) / 1e6);
  return out;
}

std::string length_text(Duration length) {
  const auto s = static_cast<long long>(std::chrono::round<std::chrono::seconds>(length).count());
  char out[48];
  if (s < 3600)
    std::snprintf(out, sizeof out, "%lld:%02lld", s / 60, s % 60);
  else
    std::snprintf(out, sizeof out, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  return out;
}

}  // namespace argot::media
