#pragma once
// What this node owes others: all messages of their swarm from a row of its database on, and the deletions that they
// missed. A member that was down while something was stored or deleted, a newcomer, and the members of a new swarm are
// paid until they have confirmed everything; debts are on the disk, so a crash forgets none (swarm.md sections 7 and 8;
// what the original does not do: acknowledge, retry).
//
// A deletion is the owner's signed call once more, so a member can make up none; revocations are not made good, since
// an old one could be played again after it was taken back.
#include <map>

#include "commit_queue.h"
#include "handover.h"
#include "link.h"
#include "service.h"
#include "waiting.h"

namespace argot::node {

class Debts {
 public:
  /// All must outlive this.
  Debts(Context& ctx, const Service& service, CommitQueue& database, Links& links, Waiters& waiters)
      : ctx_(ctx),
        service_(service),
        database_(database),
        links_(links),
        waiters_(waiters),
        bell_(ctx),
        running_(ctx) {}

  /// Reads what is owed, and the list of nodes as it was when the node last ran.
  Task<> load();
  /// The list of nodes is now the service's: notes who is owed what, and keeps the list.
  Task<> network_changed();
  /// A member of the swarm did not confirm this call, which has been carried out here.
  Task<> missed(ServiceNode peer, std::shared_ptr<const Call> call);
  /// Takes a batch that another node hands over, or a call that this node missed; the answer is empty. Throws Refused.
  Task<LinkAnswer> receive(std::string batch);

  /// Pays until stop().
  Task<> run();
  Task<> stop();
  bool owes(const Fixed<32>& peer) const { return debts_.contains(peer); }

 private:
  struct Debt {
    std::int64_t from = Database::no_rows;
    Duration next_try{};
    unsigned failures = 0;
    std::uint64_t changes = 0;  ///< grows when something more is owed
    std::uint64_t begins = 0;   ///< grows when everything is owed again: the swarms are others
    bool busy = false;
  };
  Task<> pay(ServiceNode peer);
  Task<bool> pay_batch(ServiceNode peer);
  Task<> pay_calls(ServiceNode peer);
  Task<> missed_message(ServiceNode peer, std::string hash);
  bool covers(const Fixed<32>& peer, std::int64_t row) const;
  Task<> missed_call(ServiceNode peer, std::string body);
  Task<LinkAnswer> receive_call(std::string_view body);
  std::optional<Duration> start_due();

  Context& ctx_;
  const Service& service_;
  CommitQueue& database_;
  Links& links_;
  Waiters& waiters_;
  Doorbell bell_;
  Gather running_;
  std::map<Fixed<32>, Debt> debts_;
  NodeList before_;
  bool stopping_ = false;
};

}  // namespace argot::node
