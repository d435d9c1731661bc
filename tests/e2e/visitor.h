#pragma once
// A client of a node that does exactly what a test says: a connection, TLS or not, byte by byte.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <openssl/types.h>

namespace argot::e2e {

class Visitor {
 public:
  /// Connects to "127.0.0.1:4101", with TLS unless it is told not to; throws std::runtime_error when it cannot.
  enum class Manner { tls, plain };
  explicit Visitor(const std::string& address, Manner manner = Manner::tls);
  ~Visitor();
  Visitor(Visitor&& other) noexcept;
  Visitor(const Visitor&) = delete;

  /// False when the other side has gone.
  bool say(const std::string& bytes);
  /// One whole HTTP answer: its status and body. Nothing when the connection ends before.
  struct Answer {
    int status = 0;
    std::string body;
  };
  std::optional<Answer> hear();
  /// POST with a body; nothing when the connection ends before its answer.
  std::optional<Answer> post(const std::string& target, const std::string& body);
  /// Whether the other side ends the connection within this time; bytes that come meanwhile are thrown away.
  bool ends_within(std::chrono::milliseconds time);
  /// Forgets the TLS of this side, so that thousands fit into a test; the connection stays.
  void fall_silent();
  /// The first flight of a TLS handshake, for a visitor without TLS.
  static std::string client_hello();

 private:
  int socket_ = -1;
  SSL* ssl_ = nullptr;
  std::string in_;
};

}  // namespace argot::e2e
