#include "https.h"

#include <argot/error.h>

#include <charconv>
#include <memory>
#include <utility>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace argot::bench {
namespace {

void check(bool good, const char* what) {
  if (!good)
    throw Error(Code::unavailable, std::string("The server of the benchmark did not do as it should: ") + what + ".");
}

SSL_CTX* context() {
  static const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> made(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  return made.get();
}

}  // namespace

HttpsClient::HttpsClient(std::uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0, "it takes no connection");
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ssl_ = SSL_new(context());
  SSL_set_fd(ssl_, socket_);
  check(SSL_connect(ssl_) == 1, "no TLS");
}

HttpsClient::~HttpsClient() {
  SSL_free(ssl_);
  if (socket_ >= 0) ::close(socket_);
}

HttpsClient::HttpsClient(HttpsClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), ssl_(std::exchange(other.ssl_, nullptr)), in_(std::move(other.in_)) {}

void HttpsClient::send(std::string_view request) {
  check(SSL_write(ssl_, request.data(), static_cast<int>(request.size())) == static_cast<int>(request.size()),
        "the connection ended");
}

std::string_view HttpsClient::receive() {
  constexpr std::string_view end = "\r\n\r\n", length = "Content-Length: ";
  for (;;) {
    const auto head = in_.find(end);
    if (head != std::string::npos) {
      check(in_.starts_with("HTTP/1.1 200 "), in_.substr(0, in_.find('\r')).c_str());
      const auto at = in_.find(length);
      std::size_t size = 0;
      check(at < head && std::from_chars(in_.data() + at + length.size(), in_.data() + head, size).ec == std::errc(),
            "an answer without length");
      const std::size_t begin = head + end.size();
      if (in_.size() >= begin + size) {
        answer_.assign(in_, begin, size);
        in_.erase(0, begin + size);
        return answer_;
      }
    }
    char room[16 * 1024];
    const int n = SSL_read(ssl_, room, sizeof room);
    check(n > 0, "the connection ended");
    in_.append(room, static_cast<std::size_t>(n));
  }
}

std::string get_request() { return "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"; }

std::string post_request(std::string_view target, std::string_view body) {
  std::string out = "POST ";
  out.append(target).append(" HTTP/1.1\r\nHost: localhost\r\nContent-Length: ");
  return out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

}  // namespace argot::bench
