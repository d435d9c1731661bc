#pragma once
// What is to be done in one's own mailbox at the node, after it was done here: messages that were taken back are
// removed there, too (client/envelope.md section 7.7), and those that disappear after reading live no longer there than
// here (section 7.8). A chore is written in the transaction that causes it, tried until it works, and forgotten when
// the node would have forgotten the message by itself.
#include <kernel/messenger/account.h>

#include <argot/doorbell.h>
#include <argot/transport.h>

namespace argot::kernel {

class Chores : public std::enable_shared_from_this<Chores> {
 public:
  static constexpr std::size_t most_at_once = 100;  ///< hashes in one request
  static constexpr Duration delay = std::chrono::minutes(1);

  Chores(std::shared_ptr<Account> account, Handle<Transport> transport)
      : account_(std::move(account)), transport_(transport), doorbell_(account_->ctx) {}
  /// Until the account closes. Call once.
  Task<> run();
  void wake() { doorbell_.ring(); }

  /// Removes an envelope from one's own mailbox. A hash of another mailbox, or none, does no harm.
  static void remove(Transaction& tx, const std::string& hash, std::int64_t now_ms);
  /// Lets it live until then and no longer.
  static void shorten(Transaction& tx, const std::string& hash, std::int64_t until_ms, std::int64_t now_ms);

 private:
  /// Of the same kind, to be done in one request.
  struct Work {
    std::vector<std::string> hashes;
    std::int64_t until_ms = 0;  ///< 0: remove
  };
  Work next();
  void done(const std::vector<std::string>& hashes);

  std::shared_ptr<Account> account_;
  Handle<Transport> transport_;
  Doorbell doorbell_;
};

}  // namespace argot::kernel
