#include <kernel/messenger/kinds/arrival.h>

namespace argot::kernel {

void arrive(Arrival& a, Reaction& reaction) {
  a.find_conversation(reaction.sync_target);
  a.meet(reaction.profile);
  Effect effect;
  effect.kind = reaction.remove ? Effect::Kind::unreact : Effect::Kind::react;
  effect.target_author = std::move(reaction.author);
  effect.target_ms = std::int64_t(reaction.timestamp_ms);
  effect.text = std::move(reaction.emoji);
  a.affect(std::move(effect));
}

}  // namespace argot::kernel
