#pragma once
// Byte streams between hosts. Addresses are text so that each network may have its own kind:
// "127.0.0.1:4101", "[::1]:80", "node-3:22021" (simulated), "….onion:80".
#include <argot/stream.h>

namespace argot {

class ARGOT_API Network {
 public:
  static constexpr std::string_view interface_id = "network/1";
  static constexpr std::string_view kind = "network";
  virtual ~Network();
  /// Throws Error(unavailable) when nobody answers, Error(invalid_argument) when the address makes no sense.
  /// Bounded in time by the implementation (10 s).
  virtual Task<Stream> connect(std::string address) = 0;
  /// Port 0 asks for any free port. Throws Error(already_exists) when the address is taken.
  virtual Task<std::unique_ptr<Listener>> listen(std::string address) = 0;
  /// The same for one of several listeners of this process at one address: each connection goes to one of them, and
  /// when one closes the others go on. All of them must ask for it; a port of 0 is chosen by the first, the others name
  /// what it got. Throws Error(invalid_argument) when this network, as by default, or this kind of address cannot.
  virtual Task<std::unique_ptr<Listener>> listen_shared(std::string address);
};

}  // namespace argot
