#pragma once
// A client that costs a benchmark little thought: one connection, TLS, blocking, requests that are bytes.
#include <cstdint>
#include <string>
#include <string_view>

#include <openssl/types.h>

namespace argot::bench {

/// One TLS connection to this machine. Throws Error(unavailable) whenever something is not as it should be.
class HttpsClient {
 public:
  explicit HttpsClient(std::uint16_t port);
  ~HttpsClient();
  HttpsClient(HttpsClient&& other) noexcept;
  HttpsClient(const HttpsClient&) = delete;

  void send(std::string_view request);
  /// Reads one whole answer and gives its body; the status must be 200. Valid until the next call.
  std::string_view receive();
  std::string_view ask(std::string_view request) {
    send(request);
    return receive();
  }

 private:
  int socket_ = -1;
  SSL* ssl_ = nullptr;
  std::string in_, answer_;
};

/// "GET /" and "POST target" as they go over the wire.
std::string get_request();
std::string post_request(std::string_view target, std::string_view body);

}  // namespace argot::bench
