#pragma once
// HTTP/1.1 over any Stream, with TLS or without: the one place that knows Beast and OpenSSL. Link Argot::http.
#include <argot/bytes.h>
#include <argot/context.h>
#include <argot/network.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace argot::http {

struct Request {
  std::string method = "GET", target = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;  ///< server side: who asks, "127.0.0.1:50312"
  /// Client side: told on the loop how many bytes of `body` the network has taken so far, and how many of the answer
  /// have come. Begins anew when the request is repeated.
  std::function<void(std::uint64_t)> on_sent = {}, on_received = {};
  /// First header of this name, case-insensitive; empty when absent.
  ARGOT_API std::string_view header(std::string_view name) const;
};

/// A body that is made while it is sent, so that it is never in memory as a whole.
struct Pieces {
  std::uint64_t size = 0;  ///< of all together
  /// The next piece; asked for when the one before has been sent. One that throws, is empty or more than what is left
  /// ends the connection, so that nobody takes a part for the whole. Must own what it uses; gone with the response.
  std::function<Task<std::string>()> next;
};

struct Response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::optional<Pieces> pieces{};  ///< server side: instead of `body`
  ARGOT_API std::string_view header(std::string_view name) const;
};

struct Limits {
  std::size_t max_body = 10 * 1024 * 1024;  ///< bytes; more: 413 on a server, Error(resource_exhausted) on a client
  std::size_t max_header = 16 * 1024;
  Duration timeout = std::chrono::seconds(10);  ///< for one whole request and its response
  Duration idle = std::chrono::seconds(60);     ///< a kept connection without a request is closed
  std::size_t max_connections = 1024;           ///< server: who comes then takes the place of another (Server)
  std::size_t max_connections_per_host = 8;     ///< client: further requests to that host wait their turn
};

/// A TLS key with its self-signed certificate, as PEM texts. P-256, valid 10,000 days (storage_node.md section 3).
struct Certificate {
  std::string certificate_pem, key_pem;
};
/// `common_name`: 1 to 64 characters. The dates come from ctx.now(), the key from OpenSSL's randomness.
ARGOT_API Certificate make_certificate(Context& ctx, std::string common_name);

/// What a server showed in its TLS handshake: SHA-256 of its certificate (DER) and of its public key
/// (SubjectPublicKeyInfo). Self-signed servers are recognised by one of them (client/onion.md section 11.1).
struct PeerCertificate {
  Fixed<32> sha256{}, key_sha256{};
};
/// The same of a certificate of one's own. Throws Error(invalid_argument) when it is none.
ARGOT_API PeerCertificate fingerprints_of(const Certificate& certificate);

/// Where all of OpenSSL's randomness in this process comes from, from now on: a simulation gives its seeded generator,
/// so that certificates, handshakes and what they put on the wire repeat byte for byte. Empty: OpenSSL's own again,
/// which is what every live process must use. Global because OpenSSL's is; `source` is called under a lock, from any
/// thread.
ARGOT_API void use_random(std::function<void(std::span<Byte>)> source);

enum class Security {
  plain,
  tls_unverified  ///< TLS that does not check the certificate, as service nodes are spoken to (storage_node.md section
                  ///< 3)
};

/// Keeps a few connections per address and reuses them. At most `max_connections_per_host` at once; further
/// requests to that host wait their turn (at most 1,000 wait). Bodies are framed by Content-Length; headers that frame
/// (Content-Length, Transfer-Encoding, Connection) are the library's and dropped when given. Nothing is sent that names
/// Argot: no User-Agent.
class ARGOT_API Client {
 public:
  struct Impl;
  Client(Context& ctx, Handle<Network> network, Security security, Limits limits = {});
  ~Client();
  /// Throws Error: unavailable (cannot connect, connection lost), timeout, corrupt (not HTTP), resource_exhausted
  /// (too large), each a sentence with the address. `limits.timeout` bounds all of it: waiting for a turn, connecting,
  /// the handshake, the request and the whole answer. A request on a kept connection that turns out dead before any
  /// byte of the answer is repeated once on a fresh one only if `idempotent`. The Client may be destroyed meanwhile.
  Task<Response> send(std::string address, Request request, bool idempotent = true);
  void close_idle() noexcept;
  /// From now on nothing is sent to a server whose certificate `check` does not accept: Error(unauthenticated) that
  /// says what it showed. With TLS only.
  void accept_only(std::function<bool(const std::string& address, const PeerCertificate& shown)> check);

 private:
  std::shared_ptr<Impl> impl_;
};

/// Answers one request; what it throws becomes a 500 and a line in the log.
using HandlerFunction = std::function<Task<Response>(Request)>;

/// HTTP/1.1 with keep-alive, pipelining and 100-continue. A request is handed over whole; answers to one connection
/// keep their order. Refused without asking the handler: what is not HTTP (400), a length that makes no sense (400),
/// too large a header (431) or body (413). Closed without an answer: a client that takes longer than `timeout` for a
/// TLS handshake, a request or for reading the answer, and one that is silent for `idle`; however often it sends a byte
/// meanwhile. When there are `max_connections`, a new one takes the place of the one that the server has waited for
/// longest (silent, or in its handshake or in a request that is not whole); who is being answered stays, and when all
/// are, the new one is closed.
class ARGOT_API Server {
 public:
  struct Impl;
  /// Certificate absent: plain HTTP.
  Server(Context& ctx, HandlerFunction handler, std::optional<Certificate> certificate, Limits limits = {});
  ~Server();
  /// Accepts on `listener` until stop(). Errors of one connection end that connection only.
  Task<> serve(std::unique_ptr<Listener> listener);
  /// Stops listening and closes idle connections; requests inside are answered, then their connections closed.
  void stop() noexcept;
  /// stop(), then waits until the last connection is gone; those that are not after `at_most` are cut. Call it before
  /// what the handler uses goes away.
  Task<> finish(Duration at_most = std::chrono::seconds(2));
  /// Closes up to so many connections by the same rule: the process has no file descriptors left, say.
  void make_room(std::size_t places) noexcept;
  /// The `Server` header of answers that have none; empty (the default): no such header.
  void set_name(std::string name);
  std::size_t connections() const;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace argot::http
