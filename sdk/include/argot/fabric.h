#pragma once
// The simulated medium: what the simulated world offers to plugins/network/sim in place of sockets.
// A live world has none. Latency, loss, bandwidth and partitions are the world's business, set by the experiment.
#include <argot/stream.h>

namespace argot {

class ARGOT_API Fabric {
 public:
  static constexpr std::string_view interface_id = "fabric/1";
  virtual ~Fabric();
  /// A stream from the calling kernel's host to `address` ("host:port"). Throws as Network::connect.
  virtual Task<Stream> connect(std::string address) = 0;
  virtual Task<std::unique_ptr<Listener>> listen(std::string address) = 0;
};

}  // namespace argot
