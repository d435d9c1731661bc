#include <kernel/messenger/expiry.h>

namespace argot::kernel {

Task<> Expiry::run() {
  auto self = shared_from_this();
  Context& ctx = account_->ctx;
  while (account_->open()) {
    std::optional<Duration> next;
    try {
      next = sweep();
    } catch (...) {
      if (!account_->open()) break;
      ctx.log(LogLevel::warning, "Messages of " + account_->id().brief() + " that should disappear stay for now: " +
                                     to_error(std::current_exception()).sentence());
      next = ctx.uptime() + std::chrono::seconds(30);
    }
    co_await doorbell_.wait(next);
  }
}

std::optional<Duration> Expiry::sweep() {
  Context& ctx = account_->ctx;
  const std::int64_t now = to_ms(ctx.now());
  Changes changes;
  std::optional<std::int64_t> next;
  {
    auto tx = account_->store().begin();
    const auto due = tx->expired(now, batch);
    for (MessageId id : due)
      if (auto message = tx->message(id)) changes.remove(*tx, std::move(*message), now);
    next = tx->next_expiry_ms();
    if (!due.empty()) tx->commit();
  }
  changes.tell(*account_);
  if (!next) return std::nullopt;
  const Duration wait = std::chrono::milliseconds(std::max<std::int64_t>(0, *next - now));
  return ctx.uptime() + std::min(wait, longest_wait);
}

}  // namespace argot::kernel
