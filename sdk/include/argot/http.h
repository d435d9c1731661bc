#pragma once
// HTTP/1.1 over any Stream, with TLS or without: the one place that knows Beast and OpenSSL. Link Argot::http.
#include <argot/bytes.h>
#include <argot/context.h>
#include <argot/network.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace argot::http {

struct Request {
  std::string method = "GET", target = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;  ///< server side: who asks, "127.0.0.1:50312"
  /// First header of this name, case-insensitive; empty when absent.
  ARGOT_API std::string_view header(std::string_view name) const;
};

struct Response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  ARGOT_API std::string_view header(std::string_view name) const;
};

struct Limits {
  std::size_t max_body = 10 * 1024 * 1024;  ///< bytes; more: 413 on a server, Error(resource_exhausted) on a client
  std::size_t max_header = 16 * 1024;
  Duration timeout = std::chrono::seconds(10);       ///< for one whole request and its response
  Duration idle = std::chrono::seconds(60);          ///< a kept connection without a request is closed
  std::size_t max_connections = 1024;                ///< server: more are closed at once
};

/// A TLS key with its self-signed certificate, as PEM texts. P-256, valid 10,000 days (storage_node.md section 3).
struct Certificate {
  std::string certificate_pem, key_pem;
};
ARGOT_API Certificate make_certificate(Context& ctx, std::string common_name);

enum class Security {
  plain,
  tls_unverified  ///< TLS that does not check the certificate, as service nodes are spoken to (storage_node.md section 3)
};

/// Keeps a few connections per address and reuses them. At most `max_connections_per_host` at once; further
/// requests to that host wait their turn (at most 1,000 wait).
class ARGOT_API Client {
 public:
  Client(Context& ctx, Handle<Network> network, Security security, Limits limits = {});
  ~Client();
  /// Throws Error: unavailable (cannot connect, connection lost), timeout, corrupt (not HTTP), resource_exhausted
  /// (too large). A request on a kept connection that turns out dead before any byte of the answer is repeated
  /// once on a fresh one only if `idempotent`.
  Task<Response> send(std::string address, Request request, bool idempotent = true);
  void close_idle() noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

using HandlerFunction = std::function<Task<Response>(Request)>;

class ARGOT_API Server {
 public:
  /// Certificate absent: plain HTTP.
  Server(Context& ctx, HandlerFunction handler, std::optional<Certificate> certificate, Limits limits = {});
  ~Server();
  /// Accepts on `listener` until stop(). Errors of one connection end that connection only.
  Task<> serve(std::unique_ptr<Listener> listener);
  void stop() noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace argot::http
