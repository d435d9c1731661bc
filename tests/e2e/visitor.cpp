#include "visitor.h"

#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process.h"

namespace argot::e2e {
namespace {

SSL_CTX* client_context() {
  static SSL_CTX* const made = SSL_CTX_new(TLS_client_method());
  return made;
}

}  // namespace

Visitor::Visitor(const std::string& address, Manner manner) {
  const auto colon = address.rfind(':');
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &at.sin_addr);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0 || ::connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
    if (socket_ >= 0) ::close(socket_);
    throw std::runtime_error("nobody listens at " + address);
  }
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const timeval limit{patience.count(), 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (manner == Manner::plain) return;
  ssl_ = SSL_new(client_context());
  SSL_set_fd(ssl_, socket_);
  if (SSL_connect(ssl_) == 1) return;
  SSL_free(ssl_);
  ::close(socket_);
  throw std::runtime_error("no TLS with " + address);
}

Visitor::Visitor(Visitor&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), ssl_(std::exchange(other.ssl_, nullptr)), in_(std::move(other.in_)) {}

Visitor::~Visitor() {
  fall_silent();
  if (socket_ >= 0) ::close(socket_);
}

void Visitor::fall_silent() {
  if (ssl_) SSL_free(std::exchange(ssl_, nullptr));
}

bool Visitor::say(const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    std::size_t n = 0;
    if (ssl_) {
      if (SSL_write_ex(ssl_, bytes.data() + done, bytes.size() - done, &n) != 1) return false;
    } else {
      const ssize_t sent = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (sent < 0) return false;
      n = static_cast<std::size_t>(sent);
    }
    done += n;
  }
  return true;
}

std::optional<Visitor::Answer> Visitor::hear() {
  for (char chunk[4096];;) {
    if (const auto end = in_.find("\r\n\r\n"); end != std::string::npos) {
      const auto at = in_.find("Content-Length: ");
      const std::size_t size = at < end ? std::stoul(in_.substr(at + 16)) : 0;
      if (in_.size() >= end + 4 + size) {
        Answer out;
        out.status = std::stoi(in_.substr(in_.find(' ') + 1, 3));
        out.body = in_.substr(end + 4, size);
        in_.erase(0, end + 4 + size);
        return out;
      }
    }
    std::size_t n = 0;
    if (ssl_) {
      if (SSL_read_ex(ssl_, chunk, sizeof chunk, &n) != 1) return std::nullopt;
    } else {
      const ssize_t got = ::recv(socket_, chunk, sizeof chunk, 0);
      if (got <= 0) return std::nullopt;
      n = static_cast<std::size_t>(got);
    }
    in_.append(chunk, n);
  }
}

std::optional<Visitor::Answer> Visitor::post(const std::string& target, const std::string& body) {
  if (!say("POST " + target + " HTTP/1.1\r\nHost: node\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body))
    return std::nullopt;
  return hear();
}

bool Visitor::ends_within(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd waits{socket_, POLLIN, 0};
    if (::poll(&waits, 1, static_cast<int>(std::max<long long>(left, 0))) <= 0) return false;
    char some[4096];
    if (::recv(socket_, some, sizeof some, MSG_DONTWAIT) <= 0) return true;
  }
}

std::string Visitor::client_hello() {
  SSL* ssl = SSL_new(client_context());
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_connect(ssl);  // wants an answer
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(ssl), &bytes);
  std::string out(bytes, static_cast<std::size_t>(size));
  SSL_free(ssl);
  return out;
}

}  // namespace argot::e2e
