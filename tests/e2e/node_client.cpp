#include "node_client.h"

#include <boost/json.hpp>

#include <openssl/ssl.h>

#include <chrono>
#include <cstdlib>
#include <memory>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

namespace argot::e2e {

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

NodeAnswer ask_node(const std::string& address, const std::string& method, const boost::json::object& params) {
  const std::string body = boost::json::serialize(boost::json::object{{"method", method}, {"params", params}});
  const std::string request = "POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Length: " +
                              std::to_string(body.size()) + "\r\n\r\n" + body;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + address.rfind(':') + 1)));
  ::inet_pton(AF_INET, address.substr(0, address.rfind(':')).c_str(), &to.sin_addr);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{30, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  NodeAnswer out;
  std::string answer;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    const std::unique_ptr<SSL, void (*)(SSL*)> tls(SSL_new(context.get()), SSL_free);
    SSL_set_fd(tls.get(), socket);
    if (SSL_connect(tls.get()) == 1 && SSL_write(tls.get(), request.data(), static_cast<int>(request.size())) > 0) {
      char chunk[16384];
      for (int n; (n = SSL_read(tls.get(), chunk, sizeof chunk)) > 0;)
        answer.append(chunk, static_cast<std::size_t>(n));
    }
  }
  ::close(socket);
  const auto end = answer.find("\r\n\r\n");
  if (answer.starts_with("HTTP/1.1 ") && end != std::string::npos) {
    out.status = static_cast<unsigned>(std::atoi(answer.c_str() + 9));
    out.body = answer.substr(end + 4);
  }
  return out;
}

}  // namespace argot::e2e
