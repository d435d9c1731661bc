#include <kernel/messenger/kinds/arrival.h>

namespace argot::kernel {

void arrive(Arrival& a, Unsend& unsend) {
  Effect effect;
  effect.kind = Effect::Kind::unsend;
  effect.target_author = std::move(unsend.author);
  effect.target_ms = std::int64_t(unsend.timestamp_ms);
  // One's own devices tell each other without naming the conversation: the message knows it.
  if (a.own && effect.target_ms >= 0)
    if (auto target = a.tx.message(effect.target_author, effect.target_ms)) a.conversation = target->conversation;
  a.affect(std::move(effect));
}

}  // namespace argot::kernel
