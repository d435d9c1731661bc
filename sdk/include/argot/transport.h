#pragma once
// Envelopes to mailboxes and back. A transport knows nothing of plaintext, contacts or history.
#include <argot/identity.h>
#include <argot/task.h>

#include <optional>
#include <string>
#include <vector>

namespace argot {

/// What a transport promises. The conformance kit proves or refutes each.
struct TransportTraits {
  bool offline_delivery = false;        ///< the receiver may be away when the envelope is stored
  bool hides_sender_address = false;    ///< whoever stores the envelope does not see the sender's network address
  bool hides_receiver_address = false;  ///< whoever hands it out does not see the receiver's
  bool pushes = false;                  ///< receive() returns when something arrives, without polling
  bool ordered = false;                 ///< envelopes of one sender arrive in the order they were stored
  std::size_t max_envelope = 0;         ///< bytes
  Duration max_ttl{};                   ///< longest time an envelope is kept
};

/// Where envelopes wait: an account and a namespace (client/snode_api.md section 1). 0 is the inbox.
struct Mailbox {
  AccountId account;
  std::int16_t ns = 0;
  auto operator<=>(const Mailbox&) const = default;
};

/// One way-point of an envelope, for traces: "node 127.0.0.1:4101 (3fa1…)".
using Route = std::vector<std::string>;

struct StoreRequest {
  Mailbox mailbox;
  ByteView envelope;  ///< borrowed until the call returns
  Duration ttl{};
  const Identity* signer =
      nullptr;  ///< signs when the mailbox asks for it (not the inbox); valid until the call returns
  StoreRequest(Mailbox m, ByteView e, Duration t) : mailbox(m), envelope(e), ttl(t) {}
};

struct StoreReceipt {
  std::string hash;  ///< the envelope's identifier in its mailbox; the same for identical bytes
  Time stored_at{};  ///< by the storing side's clock
  Time expires_at{};
  bool already = false;  ///< it was there before: a retry of something that had arrived
  Route route;
};

struct Delivery {
  std::string hash;
  Bytes envelope;
  Time stored_at{};
  Time expires_at{};
};

struct ReceiveRequest {
  Mailbox mailbox;
  const Identity* owner = nullptr;  ///< proves the right to read; valid until the call returns
  std::string cursor;               ///< what the last Batch said; empty at first. Opaque, at most 16 KiB
  Duration wait{};                  ///< how long the call may wait for something to arrive; 0: answer at once
  ReceiveRequest(Mailbox m, const Identity* o) : mailbox(m), owner(o) {}
};

struct Batch {
  std::vector<Delivery> deliveries;  ///< may repeat what was delivered before: the caller drops known hashes
  std::string cursor;                ///< keep it together with the deliveries, in one transaction
  bool more = false;                 ///< ask again at once
  Route route;
};

class ARGOT_API Transport {
 public:
  static constexpr std::string_view interface_id = "transport/1";
  static constexpr std::string_view kind = "transport";
  virtual ~Transport();
  virtual TransportTraits traits() const = 0;
  /// Network time minus the world's time, as far as replies have shown (client/envelope.md section 9).
  virtual Duration clock_offset() const;
  /// Returns when the envelope is kept durably by the other side. Storing identical bytes again is harmless and
  /// gives the same hash. One attempt: whoever calls retries. Throws Error: unavailable or timeout (try again),
  /// invalid_argument or resource_exhausted (never will work: too large, bad TTL).
  virtual Task<StoreReceipt> store(StoreRequest request) = 0;
  /// Returns what waits in a mailbox of one's own after `cursor`, oldest first; an empty batch when `wait` ends.
  virtual Task<Batch> receive(ReceiveRequest request) = 0;
  /// Removes envelopes of one's own mailbox by hash; unknown hashes are ignored.
  virtual Task<> remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) = 0;
  /// Sets when envelopes of one's own mailbox expire (shortens or extends, within the network's bounds).
  virtual Task<> expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) = 0;
};

}  // namespace argot
