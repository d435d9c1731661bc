// A seed as the profile names it: "https://seed1.example:4443 key=<base64> certificate=<hex>".
#pragma once
#include <argot/http.h>

namespace argot::seed_directory {

struct Seed {
  std::string address;  ///< host:port
  std::string host;     ///< for people
  bool tls = true;
  std::string target = "/json_rpc";
  std::optional<Fixed<32>> key_sha256;          ///< of its public key (SubjectPublicKeyInfo)
  std::optional<Fixed<32>> certificate_sha256;  ///< of its whole certificate
  /// Whether it may be spoken to when it shows this.
  bool accepts(const http::PeerCertificate& shown) const;
};

/// http or https, a host, and a port unless it is 80 or 443; then pins, one of which has to fit: `key=` SHA-256 of the
/// public key in base64, `certificate=` SHA-256 of the certificate in hex, with colons or without. Without a pin any
/// certificate is taken. Throws Error(invalid_argument) that says what is wrong with it.
Seed parse_seed(std::string_view text);

}  // namespace argot::seed_directory
