#pragma once
// A crypto suite: content to envelope and back. Bound to a kernel, used for many accounts and conversations.
#include <argot/identity.h>
#include <argot/task.h>

#include <optional>
#include <string>

namespace argot {

/// What a suite promises. The conformance kit proves or refutes each.
struct SuiteTraits {
  bool forward_secrecy = false;  ///< stealing all state now does not open what was received before
  bool post_compromise = false;  ///< a thief of all state is locked out again after some round trips
  bool deniable = false;         ///< a transcript proves nothing to a third party
  bool post_quantum = false;
  bool authenticated = true;  ///< open() knows who sealed
  bool groups = false;
  bool stateful = false;        ///< keeps state between messages
  std::size_t max_content = 0;  ///< bytes of encoded content that fit one envelope
};

/// The suite's own durable state, inside the transaction that also keeps the message: both commit or neither.
/// Keys are at most 128 bytes, values at most 1 MiB. Valid during the call it is passed to.
class ARGOT_API SuiteState {
 public:
  virtual ~SuiteState();
  virtual std::optional<Bytes> get(std::string_view key) = 0;
  virtual void put(std::string_view key, ByteView value) = 0;
  virtual void erase(std::string_view key) = 0;
};

struct Opened {
  AccountId sender;              ///< authenticated
  Bytes content;                 ///< encoded Content (content.h), padding removed
  std::uint64_t sent_at_ms = 0;  ///< the envelope's own time stamp; must equal the content's when both are present
};

/// seal and open do not wait: they run inside a transaction, so no other work of the kernel comes between.
class ARGOT_API Suite {
 public:
  static constexpr std::string_view interface_id = "suite/1";
  static constexpr std::string_view kind = "crypto";
  virtual ~Suite();
  virtual SuiteTraits traits() const = 0;
  /// Whether these bytes look like an envelope of this suite (a glance at the first bytes; no cryptography).
  virtual bool claims(ByteView envelope) const = 0;
  /// Whatever must be fetched before the first seal to `peer` (prekeys). Default: nothing.
  virtual Task<> prepare(const Identity& self, AccountId peer);
  /// @param content     encoded Content; @param sent_at_ms  the message's time (milliseconds, sender's network time)
  /// Throws Error(invalid_argument) when the content is too large or the peer cannot be sealed to.
  virtual Bytes seal(const Identity& self, const AccountId& peer, ByteView content, std::uint64_t sent_at_ms,
                     SuiteState& state) = 0;
  /// Throws Error(unauthenticated) when it is not for us, forged or damaged; Error(corrupt) when malformed.
  virtual Opened open(const Identity& self, ByteView envelope, SuiteState& state) = 0;
};

}  // namespace argot
