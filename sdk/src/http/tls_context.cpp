// What connections of one kind have in common: versions, certificate, no session cache.
#include "tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace argot::http {

void FreeTls::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }

std::string tls_complaint() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  std::string out = reason ? reason : "no reason given";
  ERR_clear_error();
  return out;
}

namespace {

TlsContext make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  TlsContext out(SSL_CTX_new(method), FreeTls{});
  if (!out) throw Error(Code::internal, "OpenSSL cannot make a TLS context: " + tls_complaint() + ".");
  SSL_CTX_set_min_proto_version(out.get(), TLS1_2_VERSION);
  // No tickets and no cache: resumption would let a node recognise a client that comes back from another address,
  // and its ages come from the real clock. Kept connections save the handshakes instead.
  SSL_CTX_set_session_cache_mode(out.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(out.get(), 0);
  SSL_CTX_set_options(out.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(out.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return out;
}

}  // namespace

TlsContext client_context(Context& ctx) {
  std::shared_ptr<void>& kept = ctx.shared("http/tls-client");
  if (!kept) {
    TlsContext made = make_context(TLS_client_method());
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_NONE, nullptr);
    kept = made;
  }
  return std::static_pointer_cast<SSL_CTX>(kept);
}

TlsContext server_context(const Certificate& certificate) {
  TlsContext out = make_context(TLS_server_method());
  // Ours goes before the client's choice: the handshake of TLS 1.3 hashes a great deal, and processors have
  // instructions for SHA-256 but not for SHA-384. A tenth of a new connection's cost.
  SSL_CTX_set_ciphersuites(out.get(), "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384");
  SSL_CTX_set_options(out.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
  Bio certificate_text(
      BIO_new_mem_buf(certificate.certificate_pem.data(), static_cast<int>(certificate.certificate_pem.size())),
      BIO_free);
  Bio key_text(BIO_new_mem_buf(certificate.key_pem.data(), static_cast<int>(certificate.key_pem.size())), BIO_free);
  std::unique_ptr<X509, decltype(&X509_free)> x509(PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr),
                                                   X509_free);
  const char* remedy = "Remove the certificate and key files so that new ones are made.";
  if (!x509)
    throw Error(Code::invalid_argument, "The TLS certificate is not a PEM certificate: " + tls_complaint() + ".",
                remedy);
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (!key)
    throw Error(Code::invalid_argument, "The TLS key is not a PEM private key: " + tls_complaint() + ".", remedy);
  if (SSL_CTX_use_certificate(out.get(), x509.get()) != 1 || SSL_CTX_use_PrivateKey(out.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(out.get()) != 1)
    throw Error(Code::invalid_argument, "The TLS certificate and key do not belong together: " + tls_complaint() + ".",
                remedy);
  return out;
}

}  // namespace argot::http
