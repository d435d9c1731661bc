#pragma once
// What the checks of the transport kit have in common: people with mailboxes, and calls with a bound in time.
#include "transport_kit.h"

#include <map>

namespace argot::kit {

/// Somebody who reads a mailbox with a cursor and drops what is known, as callers of a transport do.
class Reader {
 public:
  /// What is new in a batch; moves the cursor on. Throws Error when the batch breaks the interface's rules.
  std::vector<Delivery> take(Batch batch);

  std::string cursor;
  std::map<std::string, Bytes> known;  ///< by hash
  std::size_t repeats = 0;             ///< deliveries that were dropped
};

class TransportScene {
 public:
  enum Who : std::size_t { alice, bob, carol };
  static constexpr Duration day = std::chrono::hours(24);
  /// How long one call without waiting may take in a network without faults.
  static constexpr Duration prompt = std::chrono::seconds(15);

  TransportScene(const MakeHarness& make, const TransportKitOptions& options);

  Harness& harness() { return *harness_; }
  const TransportKitOptions& options() const { return options_; }
  const Identity& self(Who who) const { return *people_[who]; }
  const AccountId& id(Who who) const { return people_[who]->id(); }
  Mailbox inbox(Who who) const { return {id(who), 0}; }
  TransportTraits traits();

  StoreReceipt store(Who from, Mailbox to, Bytes envelope, Duration ttl = day,
                     Duration limit = std::chrono::minutes(2));
  /// Tries again, as a messenger does, until it is stored; throws after `tries`.
  StoreReceipt store_until_done(Who from, Mailbox to, Bytes envelope, int tries = 30);
  Batch receive(Who at, std::string cursor, Duration wait = {}, Duration limit = std::chrono::minutes(2));
  static std::shared_ptr<Reader> reader() { return std::make_shared<Reader>(); }
  /// Receives until something new comes or `wait` is over, while other things happen. Cancelled by destroying it.
  struct Waiting {
    std::shared_ptr<const std::vector<Delivery>> news;  ///< once it is done
    std::unique_ptr<Running> running;
  };
  Waiting begin_receive(Who at, std::shared_ptr<Reader> reader, Duration wait);
  /// Somebody asks for somebody's mailbox.
  Batch receive_as(Who at, Mailbox mailbox, const Identity& owner, std::string cursor = {});
  void remove(Who at, std::vector<std::string> hashes);
  void expire(Who at, std::vector<std::string> hashes, Time time);

  /// Everything new, until a batch is empty and says that there is no more.
  std::vector<Delivery> drain(Who at, Reader& reader);
  /// Everything that is in the mailbox now.
  std::vector<Delivery> all_of(Who at) {
    Reader fresh;
    return drain(at, fresh);
  }
  /// The same with faults in between: asks again after a failure, until `news` are there or `rounds` are over.
  std::vector<Delivery> drain_with_faults(Who at, Reader& reader, std::size_t news, int rounds = 60);

  /// What an envelope number `n` says: different for each, `size` bytes.
  static Bytes envelope(std::size_t n, std::size_t size = 400);

 private:
  std::unique_ptr<Harness> harness_;
  TransportKitOptions options_;
  std::unique_ptr<Identity> people_[Harness::clients];
};

/// What came, by content.
struct Tally {
  explicit Tally(const std::vector<Delivery>& deliveries);
  std::map<Bytes, std::set<std::string>> hashes;  ///< under which hashes each content came
  std::size_t renamed() const;                    ///< contents that came under several hashes
  bool has(const Bytes& envelope) const { return hashes.contains(envelope); }
};

void check_transport_delivery(Report& report, const MakeHarness& make, const TransportKitOptions& options);
void check_transport_mailbox(Report& report, const MakeHarness& make, const TransportKitOptions& options);
void check_transport_waiting(Report& report, const MakeHarness& make, const TransportKitOptions& options);
void check_transport_faults(Report& report, const MakeHarness& make, const TransportKitOptions& options);

/// One check in a fresh scene.
template <class Body>
void check_in_scene(Report& report, std::string name, const MakeHarness& make, const TransportKitOptions& options,
                    Body body) {
  check(report, std::move(name), [&](Finding& finding) {
    TransportScene scene(make, options);
    return body(finding, scene);
  });
}

}  // namespace argot::kit
