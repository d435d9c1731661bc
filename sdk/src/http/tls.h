// TLS over any Stream. The result is a Stream again, so that everything above is written once for both.
//
// Why not asio::ssl::stream: it keeps two real timers in each connection, which start Asio's reactor inside a
// simulation, and its four 17 KB buffers make an idle connection twice as large.
#pragma once
#include <argot/http.h>

#include <openssl/types.h>

namespace argot::http {

struct FreeTls {
  void operator()(SSL_CTX* context) const;
};
/// Shared: connections keep it alive.
using TlsContext = std::shared_ptr<SSL_CTX>;

/// For clients that do not check certificates. One per world, so that a simulation repeats: making one draws
/// randomness.
TlsContext client_context(Context& ctx);
/// Throws Error(invalid_argument) when the texts are not a certificate and its key.
TlsContext server_context(const Certificate& certificate);

enum class TlsRole { client, server };

/// Does the handshake and returns the protected stream. Throws Error: corrupt (the peer does not speak TLS),
/// unavailable (it went away). Bound it in time by closing through `closer`, which is set before the first await.
/// `shown`: takes what a server showed, when somebody wants to know.
Task<Stream> start_tls(TlsContext context, TlsRole role, Stream inner, std::shared_ptr<std::function<void()>> closer,
                       std::shared_ptr<PeerCertificate> shown = {});

PeerCertificate fingerprints_of(const X509* certificate);

/// OpenSSL's last complaint on this thread as text; clears its queue.
std::string tls_complaint();

}  // namespace argot::http
