#include "sim_network.h"

#include <argot/http.h>

#include <sodium.h>

namespace argot::sim {

namespace {

/// OpenSSL has a generator of its own. While a simulation lasts it draws from libsodium's, which the simulated world
/// feeds from the seed; afterwards it is left alone again.
struct RepeatableTls {
  RepeatableTls() {
    http::use_random([](std::span<Byte> out) { randombytes_buf(out.data(), out.size()); });
  }
  ~RepeatableTls() { http::use_random({}); }
  RepeatableTls(const RepeatableTls&) = delete;
  RepeatableTls& operator=(const RepeatableTls&) = delete;
};

}  // namespace

Task<> SimNetwork::start(Context& ctx) {
  fabric_ = ctx.service<Fabric>();
  auto& tls = ctx.shared("network/sim: repeatable TLS");  // one for all hosts, as long as the world
  if (!tls) tls = std::make_shared<RepeatableTls>();
  co_return;
}

Task<Stream> SimNetwork::connect(std::string address) {
  auto fabric = fabric_.lease();
  co_return co_await fabric->connect(std::move(address));
}

Task<std::unique_ptr<Listener>> SimNetwork::listen(std::string address) {
  auto fabric = fabric_.lease();
  co_return co_await fabric->listen(std::move(address));
}

Task<std::unique_ptr<Listener>> SimNetwork::listen_shared(std::string address) {
  const auto colon = address.rfind(':');
  return listen(colon == std::string::npos ? address : "*" + address.substr(colon));
}

}  // namespace argot::sim
