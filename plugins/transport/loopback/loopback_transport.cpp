#include "loopback_transport.h"

namespace argot::loopback {

void* LoopbackTransport::interface(std::string_view id) noexcept {
  if (id == FileStore::interface_id) return static_cast<FileStore*>(&files_);
  return PluginOf<Transport>::interface(id);
}

Task<> LoopbackTransport::start(Context& ctx) {
  ctx_ = &ctx;
  // The number changes with Hub's layout: a plugin swapped in may be newer than the one that made the hub.
  std::shared_ptr<void>& kept = ctx.shared("loopback/2");
  if (!kept) kept = std::make_shared<Hub>(ctx.random_number());
  hub_ = std::static_pointer_cast<Hub>(kept);
  files_.start(ctx, hub_);
  co_return;
}

TransportTraits LoopbackTransport::traits() const {
  TransportTraits traits;
  traits.offline_delivery = true;
  traits.hides_sender_address = true;  // there are no addresses
  traits.hides_receiver_address = true;
  traits.pushes = true;
  traits.ordered = true;
  traits.max_envelope = max_envelope;
  traits.max_ttl = max_ttl;
  return traits;
}

/// The owner's keys must be the mailbox's: a name alone opens nothing.
void LoopbackTransport::prove(const Identity* owner, const Mailbox& mailbox) {
  const char* what = "A loopback mailbox was asked for by somebody who is not its owner.";
  if (!owner || owner->id() != mailbox.account) throw Error(Code::permission_denied, what);
  const Fixed<32>& signer = owner->ed25519_public();
  bool fits = std::ranges::equal(ByteView(signer), mailbox.account.key());
  if (!fits && mailbox.account.prefix() == AccountId::person) {
    const auto x25519 = keys::x25519_from_ed25519(signer);
    fits = x25519 && std::ranges::equal(ByteView(*x25519), mailbox.account.key());
  }
  Fixed<48> challenge{};
  const std::string_view purpose = "loopback mailbox";
  std::copy(purpose.begin(), purpose.end(), challenge.begin());
  ctx_->random(std::span<Byte>(challenge).subspan(purpose.size()));
  if (!fits || !keys::verify(owner->sign(challenge), challenge, signer)) throw Error(Code::permission_denied, what);
}

Task<StoreReceipt> LoopbackTransport::store(StoreRequest request) {
  if (request.envelope.size() > max_envelope)
    throw Error(Code::invalid_argument,
                "An envelope of " + std::to_string(request.envelope.size()) +
                    " bytes is larger than the loopback transport's " + std::to_string(max_envelope) + ".",
                "Send less in one message.");
  if (request.ttl <= Duration::zero() || request.ttl > max_ttl)
    throw Error(Code::invalid_argument, "An envelope's time to live must be more than nothing and at most 30 days.");
  if (request.mailbox.ns % 10 != 0) prove(request.signer, request.mailbox);  // snode_api.md section 1: not an inbox
  co_return hub_->store(request.mailbox, request.envelope, ctx_->now(), request.ttl);
}

Task<Batch> LoopbackTransport::receive(ReceiveRequest request) {
  prove(request.owner, request.mailbox);
  const Duration now = ctx_->uptime();
  const Duration until = request.wait > Duration::max() - now ? Duration::max() : now + request.wait;
  Hub::Watch watch(hub_, *ctx_, request.mailbox);
  for (;;) {
    Batch batch = hub_->collect(request.mailbox, request.cursor, ctx_->now());
    if (!batch.deliveries.empty() || ctx_->uptime() >= until) co_return batch;
    co_await watch.wait(until);
  }
}

Task<> LoopbackTransport::remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) {
  prove(&owner, mailbox);
  hub_->remove(mailbox, hashes);
  co_return;
}

Task<> LoopbackTransport::expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) {
  prove(&owner, mailbox);
  const Time latest = ctx_->now() + max_ttl;
  hub_->expire(mailbox, hashes, std::min(at, latest));
  co_return;
}

}  // namespace argot::loopback
