// Others have read what we wrote. Delivery receipts are of the past and say nothing (client/envelope.md section 13).
#include <kernel/messenger/kinds/arrival.h>

namespace argot::kernel {
namespace {

constexpr std::size_t most_at_once = 4096;  // each is a question to the store

}  // namespace

void arrive(Arrival& a, Receipt& receipt) {
  if (a.own || receipt.type != Receipt::Type::read || !a.account.privacy(a.tx).read_receipts) return;
  if (receipt.timestamps_ms.size() > most_at_once) receipt.timestamps_ms.resize(most_at_once);
  const std::string self = a.account.id().text();
  for (std::uint64_t at : receipt.timestamps_ms) {
    auto message = a.tx.message(self, std::int64_t(at));
    if (!message || message->conversation != a.conversation || message->state == MessageState::read) continue;
    message->state = MessageState::read;
    a.tx.update(*message);
    a.changes.changed.push_back(std::move(*message));
  }
}

}  // namespace argot::kernel
