#pragma once
// The simulated medium as a Network, so that everything above it runs in a simulation unchanged.
#include <argot/fabric.h>
#include <argot/network.h>
#include <argot/plugin.h>

namespace argot::sim {

class SimNetwork final : public PluginOf<Network> {
 public:
  Task<> start(Context& ctx) override;
  Task<Stream> connect(std::string address) override;
  Task<std::unique_ptr<Listener>> listen(std::string address) override;
  /// Hosts of a simulation are kernels, so each listens at its own name and this port: the experiment chooses which
  /// of them a client asks, as the system does among real ones.
  Task<std::unique_ptr<Listener>> listen_shared(std::string address) override;

 private:
  Handle<Fabric> fabric_;
};

}  // namespace argot::sim
