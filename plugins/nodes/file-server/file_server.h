#pragma once
// A file server: keeps attachments and avatars for a while. Clients reach it through an onion request (version 4) whose
// last hop sends it here; the bytes are encrypted by the clients, and who uploads or downloads is not known.
#include <argot/app.h>
#include <argot/doorbell.h>
#include <argot/http.h>

#include <memory>

#include "routes.h"

namespace argot::files {

/// The server's key: Ed25519 names it in download addresses, X25519 opens the onion's inner layer.
class ServerKey {
 public:
  explicit ServerKey(ByteView seed32);
  const Fixed<32>& ed25519() const { return ed25519_; }
  const Fixed<32>& x25519() const { return x25519_; }
  ByteView x25519_secret() const { return secret_.view(); }

 private:
  Secret secret_;
  Fixed<32> ed25519_, x25519_;
};

/// One request over HTTP, answered. Pure but for the routes.
class Gate {
 public:
  Gate(const ServerKey& key, Routes& routes) : key_(key), routes_(routes) {}
  Task<http::Response> handle(http::Request request);

  static constexpr std::size_t max_inside = 64;  ///< requests that are worked on at once; more: 503
  /// Sealed answers that are on their way to their readers; more: 503. An onion's layer is one piece of ciphertext,
  /// which is known when its last byte is, so neither a sealed request nor a sealed answer can go past the memory.
  static constexpr std::size_t max_answers = 256'000'000;

 private:
  Task<http::Response> onion_request(std::string body);
  Task<http::Response> plain_request(http::Request request);
  const ServerKey& key_;
  Routes& routes_;
  std::size_t inside_ = 0;
  std::shared_ptr<std::size_t> answers_ = std::make_shared<std::size_t>(0);  ///< bytes
};

/// The app. Options: plugin.cpp. Needs network/1.
class FileServer final : public PluginOf<App> {
 public:
  Task<> start(Context& ctx) override;
  Task<> stop() override;

 private:
  struct Running;
  Task<> sweep(std::shared_ptr<Running> running);
  Context* ctx_ = nullptr;
  std::shared_ptr<Running> running_;
};

}  // namespace argot::files
