#pragma once
// One content that has come in, opened and checked, on its way into the conversation. Each kind has a file of its own
// in this folder; the inbox asks std::visit for the one that fits.
#include <kernel/messenger/changes.h>
#include <kernel/messenger/marks.h>
#include <kernel/messenger/standing.h>

#include <argot/transport.h>

namespace argot::kernel {

struct Arrival {
  Account& account;
  Transaction& tx;
  Changes& changes;
  const Content& content;
  ByteView encoded;  ///< the same, as it came
  const Delivery& delivery;
  const Route& route;
  const std::string& suite;
  std::string author;        ///< authenticated
  std::string conversation;  ///< the peer's account id
  bool own = false;          ///< from another device of this account
  std::int64_t sent_at_ms = 0;
  Time now{};
  Time network_now{};  ///< by the nodes' clock, as far as it is known: what times in messages are measured by

  /// A message from oneself says which conversation it belongs to; one from somebody else must not: Error(corrupt).
  void find_conversation(const std::string& sync_target);
  /// Its author's name, if it is newer than the one that is known; and that they wrote to us, which approves us.
  void meet(const argot::Profile& profile);
  /// Adds a row to the conversation (time, author and trace are filled in), and what was done to it before it came.
  /// false: it is there already, was deleted here, or has disappeared by now.
  bool add(StoredMessage message);
  /// The copy of a message that this device has sent has come back: remembers where it is.
  void found_copy();
  /// Does it, or keeps it until its message comes.
  void affect(Effect effect);
};

void arrive(Arrival& arrival, Text& text);
void arrive(Arrival& arrival, Reaction& reaction);
void arrive(Arrival& arrival, Typing& typing);
void arrive(Arrival& arrival, Receipt& receipt);
void arrive(Arrival& arrival, Unsend& unsend);
void arrive(Arrival& arrival, DataExtraction& extraction);
void arrive(Arrival& arrival, RequestResponse& response);
void arrive(Arrival& arrival, Call& call);
/// Forgets calls that nobody can speak of any more.
void forget_calls(Transaction& tx, std::int64_t now_ms);
inline void arrive(Arrival&, Unsupported&) {}

}  // namespace argot::kernel
