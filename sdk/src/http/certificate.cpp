// Self-signed certificates. Nothing in them proves anything (storage_node.md section 3), so they are as small and as
// quick as can be: P-256, and repeatable when the randomness is.
#include "tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace argot::http {
namespace {

constexpr int lifetime_days = 10'000;

void check(bool good, const char* what) {
  if (!good)
    throw Error(Code::internal,
                std::string("Making a TLS certificate failed at ") + what + ": " + tls_complaint() + ".");
}

template <class Write> std::string pem(Write write) {
  std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  check(memory && write(memory.get()) == 1, "writing PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

}  // namespace

Certificate make_certificate(Context& ctx, std::string common_name) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  check(key != nullptr, "the key");
  std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), X509_free);
  check(x509 != nullptr, "the certificate");
  time_t from = std::chrono::floor<std::chrono::seconds>(ctx.now().time_since_epoch()).count();
  X509* c = x509.get();
  check(X509_set_version(c, X509_VERSION_3) == 1, "the version");
  check(ASN1_INTEGER_set(X509_get_serialNumber(c), 1) == 1, "the serial number");
  check(X509_time_adj_ex(X509_getm_notBefore(c), 0, 0, &from) != nullptr, "the start date");
  check(X509_time_adj_ex(X509_getm_notAfter(c), lifetime_days, 0, &from) != nullptr, "the end date");
  check(X509_set_pubkey(c, key.get()) == 1, "the public key");
  X509_NAME* name = X509_get_subject_name(c);
  check(
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) == 1,
      "the name (1 to 64 characters)");
  check(X509_set_issuer_name(c, name) == 1, "the issuer");
  check(X509_sign(c, key.get(), EVP_sha256()) > 0, "the signature");
  Certificate out;
  out.certificate_pem = pem([&](BIO* to) { return PEM_write_bio_X509(to, c); });
  out.key_pem =
      pem([&](BIO* to) { return PEM_write_bio_PKCS8PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return out;
}

PeerCertificate fingerprints_of(const X509* certificate) {
  PeerCertificate out;
  unsigned int size = 0;
  check(X509_digest(certificate, EVP_sha256(), out.sha256.data(), &size) == 1, "its fingerprint");
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  check(length > 0, "the form of its key");
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> freed(der, [](unsigned char* p) { OPENSSL_free(p); });
  check(EVP_Digest(der, static_cast<std::size_t>(length), out.key_sha256.data(), &size, EVP_sha256(), nullptr) == 1,
        "its key's fingerprint");
  return out;
}

PeerCertificate fingerprints_of(const Certificate& certificate) {
  std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(certificate.certificate_pem.data(), static_cast<int>(certificate.certificate_pem.size())),
      BIO_free);
  std::unique_ptr<X509, decltype(&X509_free)> x509(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free);
  if (!x509)
    throw Error(Code::invalid_argument, "The TLS certificate is not a PEM certificate: " + tls_complaint() + ".");
  return fingerprints_of(x509.get());
}

}  // namespace argot::http
