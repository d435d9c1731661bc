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
  /// By SO_REUSEPORT: the system gives each connection to one of the listeners, by its two addresses. Nobody but
  /// processes of the same user can join in.
  Task<std::unique_ptr<Listener>> listen_shared(std::string address) override;

 private:
  class Lookup;
  enum class Sharing { no, yes };
  Task<std::unique_ptr<Listener>> listen_tcp(std::string address, Sharing sharing);
  Task<std::vector<asio::ip::tcp::endpoint>> resolve(std::string host, std::uint16_t port, bool to_listen);

  Context* ctx_ = nullptr;
  Duration timeout_{};
};

}  // namespace argot::os
