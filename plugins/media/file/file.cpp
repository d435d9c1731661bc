// Needs no process of its own: nothing is decoded, and the table of first bytes reads at most 512 of them.
#include "file.h"

#include <argot/error.h>

#include <decoder/file_name.h>
#include <decoder/frames.h>
#include <decoder/sniff.h>
#include <decoder/summary.h>

#include <algorithm>

namespace argot::media {
namespace {

/// "type/subtype" of RFC 6838, without parameters.
bool is_type(std::string_view type) {
  auto good = [](std::string_view part) {
    return !part.empty() && part.size() <= 127 && part != "." && std::all_of(part.begin(), part.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
    });
  };
  const auto slash = type.find('/');
  return slash != std::string_view::npos && good(type.substr(0, slash)) && good(type.substr(slash + 1));
}

/// What the bytes say counts more than what somebody says, except where it says less: a text may be text/csv, a ZIP
/// archive application/epub+zip. A claim to be a picture, a sound or a video must show in the bytes.
std::string type_of(std::string_view claimed, ByteView data) {
  const std::string_view seen = sniff(data);
  const bool usable = is_type(claimed) && !claimed.starts_with("image/") && !claimed.starts_with("audio/") &&
                      !claimed.starts_with("video/");
  if (claimed == "application/octet-stream") return std::string(claimed);
  const bool general = seen.empty() || seen == "text/plain" || seen == "application/zip";
  if (usable && general) return std::string(claimed);
  return seen.empty() ? "application/octet-stream" : std::string(seen);
}

void check_size(const MediaItem& item) {
  if (item.data.size() > max_input)
    throw Error(Code::resource_exhausted, "The file is larger than 10 MiB.", "Send a smaller one.");
}

}  // namespace

int File::claims(std::string_view, ByteView) const { return 10; }

Task<MediaItem> File::prepare(MediaItem item) {
  check_size(item);
  item.file_name = clean_file_name(item.file_name);
  item.content_type = type_of(item.content_type, item.data);
  co_return item;
}

Task<MediaDescription> File::describe(MediaItem item) {
  check_size(item);
  MediaDescription out;
  out.content_type = type_of(item.content_type, item.data);
  out.summary = out.content_type == "application/octet-stream" ? "file, " : "file (" + out.content_type + "), ";
  out.summary += size_text(item.data.size());
  co_return out;
}

}  // namespace argot::media
