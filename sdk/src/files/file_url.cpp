#include <argot/file_url.h>

#include <argot/error.h>

#include <algorithm>
#include <charconv>

namespace argot {
namespace {

constexpr std::size_t max_host = 255, max_id = 128;
constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

[[noreturn]] void refuse(std::string why) {
  throw Error(Code::invalid_argument, "This is no address of a file: " + std::move(why) + ".",
              "One looks like http://example.org/file/ID.");
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool only(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [more](char c) {
    return letters_and_digits.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
  });
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > max_host) return false;
  if (host.starts_with('['))
    return host.size() > 3 && host.ends_with(']') &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
  return only(host, "-._") && !host.starts_with('.') && !host.starts_with('-');
}

/// "host" or "host:port".
void read_authority(std::string_view text, FileUrl& out) {
  if (text.find('@') != std::string_view::npos) refuse("a user name has no place in it");
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.host = lower_case(text.substr(0, colon));
  if (!is_host(out.host)) refuse("it names no host");
  if (colon == std::string_view::npos) return;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (port.empty() || failure != std::errc() || end != port.data() + port.size() || out.port == 0)
    refuse("its port is no number from 1 to 65535");
  if (out.port == (out.scheme == "https" ? 443 : 80)) out.port = 0;
}

/// "/file/ID", or "/files/ID" of old.
void read_path(std::string_view text, FileUrl& out) {
  if (text.ends_with('/')) text.remove_suffix(1);
  for (std::string_view folder : {"/file/", "/files/"})
    if (text.starts_with(folder)) out.id = text.substr(folder.size());
  if (out.id.empty()) refuse("its path is not /file/ID");
  // What stands for a way in a path is none of a file, whoever chose it.
  if (out.id.size() > max_id || !only(out.id, "-_.=~") || out.id == "." || out.id == "..") refuse("its ID is none");
}

void read_fragment(std::string_view text, FileUrl& out) {
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const std::string_view member = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto equals = member.find('=');
    const std::string_view name = member.substr(0, equals);
    if (name == "d") out.stream = true;
    if (name != "p" || equals == std::string_view::npos || !out.server_key.empty()) continue;
    const std::string_view key = member.substr(equals + 1);
    if (key.size() > 64 || key.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
      refuse("the server's key in it is not hexadecimal");
    out.server_key = lower_case(key);
  }
}

}  // namespace

FileUrl FileUrl::parse(std::string_view text) {
  FileUrl out;
  if (text.size() > max_size) refuse("it is longer than " + std::to_string(max_size) + " bytes");
  if (const auto mark = text.find('#'); mark != std::string_view::npos) {
    read_fragment(text.substr(mark + 1), out);
    text = text.substr(0, mark);
  }
  const auto after_scheme = text.find("://");
  out.scheme = lower_case(text.substr(0, after_scheme));
  if (after_scheme == std::string_view::npos || (out.scheme != "http" && out.scheme != "https"))
    refuse("it begins neither with http:// nor with https://");
  text.remove_prefix(after_scheme + 3);
  const auto slash = std::min(text.find('/'), text.size());
  read_authority(text.substr(0, slash), out);
  read_path(text.substr(slash), out);
  return out;
}

std::string FileUrl::text() const {
  std::string out = scheme + "://" + host;
  if (port && port != (scheme == "https" ? 443 : 80)) out += ":" + std::to_string(port);
  out += "/file/" + id;
  if (!server_key.empty()) out += "#p=" + server_key;
  if (stream) out += server_key.empty() ? "#d" : "&d";
  return out;
}

}  // namespace argot
