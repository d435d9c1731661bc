#pragma once
// Removes messages whose time has come: at once when it comes, and after a restart what came meanwhile.
#include <kernel/messenger/changes.h>

#include <argot/doorbell.h>

namespace argot::kernel {

class Expiry : public std::enable_shared_from_this<Expiry> {
 public:
  static constexpr std::size_t batch = 200;
  /// The wall clock may be set: it is looked at again after this long at most.
  static constexpr Duration longest_wait = std::chrono::hours(1);

  explicit Expiry(std::shared_ptr<Account> account) : account_(std::move(account)), doorbell_(account_->ctx) {}
  /// Until the account closes. Call once.
  Task<> run();
  /// Something may disappear earlier than was known, or the account closes.
  void wake() { doorbell_.ring(); }

 private:
  /// Until when to wait; nothing when nothing is left to disappear.
  std::optional<Duration> sweep();
  std::shared_ptr<Account> account_;
  Doorbell doorbell_;
};

}  // namespace argot::kernel
