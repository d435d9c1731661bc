#include "seed_address.h"

#include <argot/error.h>

#include <charconv>

namespace argot::seed_directory {
namespace {

[[noreturn]] void wrong(std::string_view text, const std::string& what) {
  throw Error(Code::invalid_argument, "The seed \"" + std::string(text.substr(0, 80)) + "\" " + what + ".",
              "Write it like \"https://seed1.example.org:4443 key=<SHA-256 of its public key in base64>\".");
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

std::optional<Fixed<32>> digest(const std::optional<Bytes>& bytes) {
  if (!bytes || bytes->size() != 32) return std::nullopt;
  Fixed<32> out;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

}  // namespace

bool Seed::accepts(const http::PeerCertificate& shown) const {
  if (!key_sha256 && !certificate_sha256) return true;
  return (key_sha256 && *key_sha256 == shown.key_sha256) || (certificate_sha256 && *certificate_sha256 == shown.sha256);
}

Seed parse_seed(std::string_view text) {
  const auto words = words_of(text);
  if (words.empty()) wrong(text, "is empty");
  Seed out;
  std::string_view url = words[0];
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    out.tls = false;
  } else {
    wrong(text, "begins neither with https:// nor with http://");
  }
  const auto slash = url.find('/');
  if (slash != std::string_view::npos && slash + 1 != url.size() && url.substr(slash) != "/json_rpc")
    wrong(text, "has a path; seeds are always asked at /json_rpc");
  url = url.substr(0, slash);
  std::uint16_t port = out.tls ? 443 : 80;
  if (const auto colon = url.rfind(':'); colon != std::string_view::npos) {
    const std::string_view digits = url.substr(colon + 1);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (failure != std::errc() || end != digits.data() + digits.size() || port == 0)
      wrong(text, "has a port that is not 1 to 65535");
    url = url.substr(0, colon);
  }
  auto good = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; };
  if (url.empty() || url.size() > 253 || !std::all_of(url.begin(), url.end(), good)) wrong(text, "has no usable host");
  out.host = std::string(url);
  out.address = out.host + ":" + std::to_string(port);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with("key=")) {
      out.key_sha256 = digest(from_base64(words[i].substr(4)));
      if (!out.key_sha256) wrong(text, "has a key= that is not 32 bytes in base64");
    } else if (words[i].starts_with("certificate=")) {
      std::string hex(words[i].substr(12));
      std::erase(hex, ':');
      out.certificate_sha256 = digest(from_hex(hex));
      if (!out.certificate_sha256) wrong(text, "has a certificate= that is not 32 bytes in hex");
    } else {
      wrong(text,
            "goes on with \"" + std::string(words[i].substr(0, 20)) + "\", which is neither key= nor certificate=");
    }
  }
  if (!out.tls && words.size() > 1) wrong(text, "has a pin, but http:// shows no certificate");
  return out;
}

}  // namespace argot::seed_directory
