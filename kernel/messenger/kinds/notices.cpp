// Things that happen in a conversation: saved media, screenshots, accepted requests.
#include <kernel/messenger/kinds/arrival.h>

namespace argot::kernel {

void arrive(Arrival& a, DataExtraction& extraction) {
  if (a.own || !a.tx.conversation(a.conversation)) return;
  StoredMessage message;
  message.kind = std::uint16_t(extraction.type == DataExtraction::Type::screenshot ? Message::Kind::screenshot
                                                                                   : Message::Kind::media_saved);
  message.state = MessageState::read;
  Marks marks;
  marks.timer = timer_of(a.content, false);
  if (marks.timer.on()) message.expires_at_ms = to_ms(a.now) + std::int64_t(marks.timer.seconds) * 1000;
  message.extra = marks.write();
  a.add(std::move(message));
}

void arrive(Arrival& a, RequestResponse& response) {
  if (!a.own && response.approved) a.meet(response.profile);
}

}  // namespace argot::kernel
