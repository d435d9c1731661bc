#pragma once
// The operating system's TCP as a Network.
#include <argot/network.h>
#include <argot/plugin.h>

#include <boost/asio/ip/tcp.hpp>

namespace argot::os {

class OsNetwork final : public PluginOf<Network> {
 public:
  Task<> start(Context& ctx) override;
  /// Tries every address the name has, in the resolver's order, within the option `connect_timeout` for all of it.
  Task<Stream> connect(std::string address) override;
  Task<std::unique_ptr<Listener>> listen(std::string address) override;

 private:
  class Lookup;
  Task<std::vector<asio::ip::tcp::endpoint>> resolve(std::string host, std::uint16_t port, bool to_listen);

  Context* ctx_ = nullptr;
  Duration timeout_{};
};

}  // namespace argot::os
