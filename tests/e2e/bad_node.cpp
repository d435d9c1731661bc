#include "bad_node.h"

#include <argot/bytes.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sodium.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <stdexcept>

namespace argot::e2e {
namespace {

constexpr std::size_t ten_megabytes = 10 * 1024 * 1024;

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// P-256, self-signed, as real nodes have it; made once.
SSL_CTX* tls() {
  static const Context context = [] {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    Context made(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!made || SSL_CTX_use_certificate(made.get(), certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(made.get(), key.get()) != 1)
      throw std::runtime_error("no TLS for the bad node");
    return made;
  }();
  return context.get();
}

std::string http(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string noise(std::size_t size) {
  std::string out(size, '\0');
  std::uint32_t state = 1;
  for (char& c : out) c = char((state = state * 1664525 + 1013904223) >> 24);
  return out;
}

/// False when the other side has gone.
bool send(SSL* ssl, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    std::size_t n = 0;
    if (SSL_write_ex(ssl, bytes.data() + done, std::min<std::size_t>(bytes.size() - done, 16384), &n) != 1)
      return false;
    done += n;
  }
  return true;
}

/// A request's body; empty at the end of the connection.
std::string read_request(SSL* ssl) {
  std::string in;
  for (char chunk[4096];;) {
    if (const auto end = in.find("\r\n\r\n"); end != std::string::npos) {
      auto at = in.find("Content-Length: ");
      const std::size_t size = at < end ? std::stoul(in.substr(at + 16)) : 0;
      if (in.size() >= end + 4 + size) return in.substr(end + 4);
    }
    std::size_t n = 0;
    if (SSL_read_ex(ssl, chunk, sizeof chunk, &n) != 1) return {};
    in.append(chunk, n);
  }
}

/// Until the other side has had enough.
void wait_for_end(SSL* ssl) {
  char byte;
  std::size_t n = 0;
  while (SSL_read_ex(ssl, &byte, 1, &n) == 1) continue;
}

}  // namespace

BadNode::BadNode(Fault fault) : fault_(fault) {
  tls();
  unsigned char seed[crypto_sign_SEEDBYTES] = {0xbb}, key[crypto_sign_PUBLICKEYBYTES],
                secret[crypto_sign_SECRETKEYBYTES];
  crypto_sign_seed_keypair(key, secret, seed);
  key_hex_ = to_hex(key);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("the bad node cannot listen");
  port_ = ntohs(at.sin_port);
  address_ = "127.0.0.1:" + std::to_string(port_);
  line_ = address_ + " " + key_hex_ + " 1";
  acceptor_ = std::thread([this] { listen_for_ever(); });
}

BadNode::~BadNode() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    std::lock_guard lock(mutex_);
    for (int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

void BadNode::listen_for_ever() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (stopping_) {
      if (socket >= 0) ::close(socket);
      return;
    }
    if (socket < 0) continue;
    ++visits_;
    std::lock_guard lock(mutex_);
    open_.insert(socket);
    threads_.emplace_back([this, socket] {
      serve(socket);
      std::lock_guard done(mutex_);
      open_.erase(socket);
      ::close(socket);
    });
  }
}

void BadNode::serve(int socket) {
  if (fault_ == Fault::hang_up) return;
  if (fault_ == Fault::mute) {
    for (char byte; ::recv(socket, &byte, 1, 0) > 0;) continue;
    return;
  }
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(tls()), SSL_free);
  SSL_set_fd(ssl.get(), socket);
  if (SSL_accept(ssl.get()) != 1) return;
  for (std::string body; !(body = read_request(ssl.get())).empty();) {
    const auto at = body.find("\"method\":\"");
    const std::string method = at == std::string::npos ? "" : body.substr(at + 10, body.find('"', at + 10) - at - 10);
    const std::string answer = answer_to(method);
    if (!send(ssl.get(), answer)) return;
    if (fault_ == Fault::endless_header)
      while (send(ssl.get(), "X-More: " + std::string(1000, 'x') + "\r\n")) continue;
    if (fault_ == Fault::stall_half_way || fault_ == Fault::rubbish) return wait_for_end(ssl.get());
  }
}

std::string BadNode::answer_to(const std::string& method) const {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const std::string time = "\"t\":" + std::to_string(now.count());
  const std::string hash = std::string(43, 'A');
  const std::string swarm =
      http("200 OK", "{\"snodes\":[{\"ip\":\"127.0.0.1\",\"port_https\":" + std::to_string(port_) +
                         ",\"pubkey_ed25519\":\"" + key_hex_ + "\",\"pubkey_x25519\":\"" + key_hex_ +
                         "\"}],\"swarm\":\"1\"," + time + "}");
  switch (fault_) {
    case Fault::refuse: return http("503 Service Unavailable", "Nobody is at home\n");
    case Fault::not_json: return http("200 OK", "Welcome to the captive portal");
    case Fault::stall_half_way: return "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"snodes\":[";
    case Fault::rubbish: return noise(ten_megabytes);
    case Fault::rubbish_body: return http("200 OK", noise(ten_megabytes + 1));
    case Fault::endless_header: return "HTTP/1.1 200 OK\r\n";
    case Fault::lie_about_store:
      if (method == "store")
        return http("200 OK", "{\"hash\":\"" + hash + "\",\"swarm\":{\"" + key_hex_ + "\":{\"hash\":\"" + hash +
                                  "\"}}," + time + "}");
      if (method == "retrieve") return http("200 OK", "{\"messages\":[],\"more\":false," + time + "}");
      return swarm;
    case Fault::lie_about_inbox:
      if (method == "retrieve")
        return http("200 OK", "{\"messages\":[{\"hash\":\"" + hash +
                                  "\",\"data\":\"QUJD\",\"timestamp\":1,\"expiration\":9999999999999}],\"more\":true," +
                                  time + "}");
      return swarm;
    case Fault::hang_up:
    case Fault::mute: break;
  }
  return {};
}

}  // namespace argot::e2e
