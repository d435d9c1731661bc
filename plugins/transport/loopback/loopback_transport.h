// A transport without a network: what one kernel of this process stores, another receives at once. For tests, for
// simulations of many clients, and as the second transport that makes swapping real.
#pragma once
#include <argot/plugin.h>
#include <argot/transport.h>

#include "hub.h"
#include "loopback_files.h"

namespace argot::loopback {

class LoopbackTransport final : public PluginOf<Transport> {
 public:
  void* interface(std::string_view id) noexcept override;
  Task<> start(Context& ctx) override;
  TransportTraits traits() const override;
  Task<StoreReceipt> store(StoreRequest request) override;
  /// Really waits: the loop wakes it when something is stored.
  Task<Batch> receive(ReceiveRequest request) override;
  Task<> remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) override;
  Task<> expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) override;

 private:
  void prove(const Identity* owner, const Mailbox& mailbox);

  Context* ctx_ = nullptr;
  std::shared_ptr<Hub> hub_;
  LoopbackFiles files_;
};

}  // namespace argot::loopback
