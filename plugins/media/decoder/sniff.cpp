#include "sniff.h"

#include <algorithm>

namespace argot::media {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view type;
};

constexpr Magic magics[] = {
    {0, "\xFF\xD8\xFF"sv, "image/jpeg"},
    {0, "\x89PNG\r\n\x1A\n"sv, "image/png"},
    {0, "GIF87a"sv, "image/gif"},
    {0, "GIF89a"sv, "image/gif"},
    {0, "II*\0"sv, "image/tiff"},
    {0, "MM\0*"sv, "image/tiff"},
    {0, "BM"sv, "image/bmp"},
    {0, "\0\0\1\0"sv, "image/vnd.microsoft.icon"},
    {0, "\0\0\0\x0CJXL \r\n\x87\n"sv, "image/jxl"},
    {0, "\xFF\x0A"sv, "image/jxl"},
    {0, "8BPS"sv, "image/vnd.adobe.photoshop"},
    {0, "OggS"sv, "audio/ogg"},
    {0, "fLaC"sv, "audio/flac"},
    {0, "ID3"sv, "audio/mpeg"},
    {0, "\xFF\xFB"sv, "audio/mpeg"},
    {0, "\xFF\xF3"sv, "audio/mpeg"},
    {0, "\xFF\xF1"sv, "audio/aac"},
    {0, "\xFF\xF9"sv, "audio/aac"},
    {0, "\x1A\x45\xDF\xA3"sv, "video/webm"},
    {4, "moov"sv, "video/quicktime"},  // from before there was an ftyp
    {4, "mdat"sv, "video/quicktime"},
    {4, "wide"sv, "video/quicktime"},
    {0, "%PDF-"sv, "application/pdf"},
    {0, "PK\3\4"sv, "application/zip"},
    {0, "PK\5\6"sv, "application/zip"},
    {0, "\x1F\x8B"sv, "application/gzip"},
    {0, "\x28\xB5\x2F\xFD"sv, "application/zstd"},
    {0, "BZh"sv, "application/x-bzip2"},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     "application/x-xz"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "application/x-7z-compressed"},
    {0, "Rar!\x1A\7"sv, "application/vnd.rar"},
    {257, "ustar"sv, "application/x-tar"},
    {0,
     "\x7F"
     "ELF"sv,
     "application/x-executable"},
    {0, "MZ"sv, "application/vnd.microsoft.portable-executable"},
    {0, "SQLite format 3\0"sv, "application/vnd.sqlite3"},
};

/// The brands of ISO base media files; the rest of them is video.
constexpr std::pair<std::string_view, std::string_view> brands[] = {
    {"heic", "image/heic"}, {"heix", "image/heic"},      {"hevc", "image/heic"}, {"mif1", "image/heif"},
    {"msf1", "image/heif"}, {"avif", "image/avif"},      {"avis", "image/avif"}, {"M4A ", "audio/mp4"},
    {"M4B ", "audio/mp4"},  {"qt  ", "video/quicktime"}, {"3gp4", "video/3gpp"}, {"3gp5", "video/3gpp"},
};

std::string_view riff_type(std::string_view form) {
  if (form == "WEBP") return "image/webp";
  if (form == "WAVE") return "audio/wav";
  if (form == "AVI ") return "video/x-msvideo";
  return {};
}

std::string_view iso_type(std::string_view brand) {
  for (const auto& [name, type] : brands)
    if (name == brand) return type;
  return "video/mp4";
}

/// UTF-8 without control characters; a character that the end cuts is no fault.
bool is_text(ByteView bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const Byte lead = bytes[i];
    if ((lead < 0x20 && lead != '\t' && lead != '\n' && lead != '\r' && lead != '\f') || lead == 0x7F) return false;
    const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (size == 0) return false;
    for (std::size_t k = 1; k < std::min(size, bytes.size() - i); ++k)
      if (bytes[i + k] >> 6 != 2) return false;
    i += size;
  }
  return !bytes.empty();
}

struct Ending {
  std::string_view type, extension;
};
constexpr Ending endings[] = {
    {"image/jpeg", ".jpg"},       {"image/png", ".png"},   {"image/gif", ".gif"},       {"image/webp", ".webp"},
    {"audio/ogg", ".ogg"},        {"audio/wav", ".wav"},   {"audio/mpeg", ".mp3"},      {"audio/aac", ".aac"},
    {"audio/mp4", ".m4a"},        {"video/mp4", ".mp4"},   {"video/quicktime", ".mov"}, {"video/webm", ".webm"},
    {"video/3gpp", ".3gp"},       {"text/plain", ".txt"},  {"application/pdf", ".pdf"}, {"application/zip", ".zip"},
    {"audio/flac", ".flac"},      {"image/heic", ".heic"}, {"application/gzip", ".gz"}, {"application/x-tar", ".tar"},
    {"video/x-matroska", ".mkv"},
};

}  // namespace

std::string_view sniff(ByteView first_bytes) {
  const std::string_view text = text_of(first_bytes.first(std::min(first_bytes.size(), sniff_length)));
  if (text.size() >= 12 && text.starts_with("RIFF")) return riff_type(text.substr(8, 4));
  if (text.size() >= 12 && text.substr(4, 4) == "ftyp") return iso_type(text.substr(8, 4));
  if (text.starts_with("\x1A\x45\xDF\xA3") && text.substr(0, 64).find("matroska") != std::string_view::npos)
    return "video/x-matroska";
  const bool readable = is_text(view(text));
  for (const Magic& magic : magics) {
    const bool short_word = magic.bytes.size() <= 3 || magic.at == 4;  // a text may begin with BM, MZ or ID3
    if (text.size() >= magic.at + magic.bytes.size() && text.substr(magic.at, magic.bytes.size()) == magic.bytes &&
        !(short_word && readable))
      return magic.type;
  }
  return readable ? "text/plain" : "";
}

std::string_view extension_of(std::string_view content_type) {
  for (const Ending& ending : endings)
    if (ending.type == content_type) return ending.extension;
  return {};
}

}  // namespace argot::media
