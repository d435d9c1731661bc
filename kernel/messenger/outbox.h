#pragma once
// Messages on their way out: sealed once, stored until the transport has a receipt. One lane per mailbox keeps
// the order of a conversation; lanes of different mailboxes run side by side.
//
//   queued ──seal (one transaction for all that is due)──▶ sealed ──store──▶ receipt ──commit──▶ sent | failed | later
//
// Envelope bytes are fixed by the seal, so a retry after any crash stores identical bytes, which the other side
// knows by their hash.
#include <kernel/messenger/account.h>
#include <kernel/messenger/suites.h>

#include <argot/doorbell.h>

#include <set>

namespace argot::kernel {

class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  static constexpr std::size_t most_waiting = 10'000;  ///< further sends are refused
  static constexpr std::size_t most_lanes = 16;        ///< mailboxes served at once
  static constexpr std::size_t lane_length = 32;       ///< messages a lane takes at a time
  /// After a failure: one second, doubling to half a minute, and after twenty failures (nine minutes) on to five.
  static constexpr Duration first_delay = std::chrono::seconds(1), usual_delay = std::chrono::seconds(30),
                            longest_delay = std::chrono::minutes(5);
  static constexpr int patience = 20;
  static constexpr Duration between_hurries = std::chrono::seconds(5);

  Outbox(std::shared_ptr<Account> account, Suites& suites, Handle<Transport> transport);

  /// Until the account closes. Call once.
  Task<> run();
  /// Something new is due.
  void wake() { doorbell_.ring(); }
  /// The network answers again: what waits after a failure is tried now, not when its time comes.
  void hurry();
  /// How many messages wait; kept here so that send() need not count.
  std::size_t waiting() const { return waiting_; }
  void added() { ++waiting_; }
  /// Counts anew: something was deleted.
  void recount() { waiting_ = account_->store().outbox().size(); }
  /// How long to wait before attempt number `attempts` + 1; `jitter` in [0, 1) adds up to a quarter.
  static Duration backoff(int attempts, double jitter);

  /// What a transaction counts is taken back unless it was committed. Outlive the transaction with it.
  class Counting {
   public:
    explicit Counting(Outbox& outbox) : outbox_(outbox), before_(outbox.waiting_) {}
    Counting(const Counting&) = delete;
    ~Counting() {
      if (!kept_) outbox_.waiting_ = before_;
    }
    void keep() { kept_ = true; }

   private:
    Outbox& outbox_;
    std::size_t before_;
    bool kept_ = false;
  };

 private:
  struct Result {
    OutboxEntry entry;
    std::optional<StoreReceipt> receipt;
    std::optional<Error> failure;
    Time at{};
  };
  /// A new process, or a network that answers again, is a new chance: what waits for a later attempt is due now, before
  /// anything that comes after it.
  void make_due();
  /// What can be sent now; and when to look again if nothing wakes us before.
  std::optional<Duration> collect(std::vector<OutboxEntry>& ready);
  Task<> seal(std::vector<OutboxEntry>& due);
  void launch(std::vector<OutboxEntry> due);
  Task<> lane(std::string mailbox, std::vector<OutboxEntry> entries);
  void commit(std::vector<Result> results);
  void settle(Transaction& tx, Result& result, std::vector<StoredMessage>& changed);
  /// What has just been stored goes to one's other devices, too.
  void copy(Transaction& tx, const OutboxEntry& entry);
  void give_up(Transaction& tx, MessageId message, std::string why, std::vector<StoredMessage>& changed);

  std::shared_ptr<Account> account_;
  Suites& suites_;
  Handle<Transport> transport_;
  Doorbell doorbell_;
  std::set<std::string, std::less<>> lanes_;  // mailboxes with a lane under way
  std::set<MessageId> in_flight_;
  std::map<std::string, std::int64_t, std::less<>> held_;  // mailboxes that failed: not before this wall-clock ms
  std::map<MessageId, Time> sealed_at_;                    // for the trace; lost in a crash, which harms nothing
  std::vector<Result> results_;                            // what lanes brought back, committed together
  std::size_t waiting_ = 0;
  bool recount_ = false;              // what was deleted meanwhile was perhaps counted by who deleted it
  bool expiring_ = false;             // what is being committed has a message that disappears
  std::optional<Duration> hurry_at_;  // uptime
  Duration last_hurry_ = -between_hurries;
};

/// What a row is sent as: its whole content where it is kept, else made from its columns.
Bytes content_of(StoredMessage message, argot::Profile profile = {});

}  // namespace argot::kernel
