#include <kernel/messenger/kinds/arrival.h>

namespace argot::kernel {
namespace {

constexpr auto shown_for = std::chrono::seconds(15), oldest_notice = std::chrono::seconds(20);

}  // namespace

void arrive(Arrival& a, Typing& typing) {
  if (a.own || std::int64_t(typing.timestamp_ms) != a.sent_at_ms || !a.account.privacy(a.tx).typing) return;
  const auto row = a.tx.conversation(a.conversation);
  if (!row || !row->approved || a.now - a.delivery.stored_at > oldest_notice) return;
  a.changes.typing.emplace_back(AccountId::parse(a.author), typing.started ? a.now + shown_for : Time{});
}

}  // namespace argot::kernel
