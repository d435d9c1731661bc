#include <kernel/messenger/changes.h>

#include <kernel/messenger/early.h>
#include <kernel/messenger/uploads.h>

namespace argot::kernel {

void Changes::put(Transaction& tx, const StoredConversation& conversation) {
  tx.put(conversation);
  conversations.insert_or_assign(conversation.id, conversation);
}

void Changes::remove(Transaction& tx, StoredMessage message, std::int64_t now_ms) {
  early::forget(tx, message, now_ms);
  Uploads::forget(tx, message.id);
  tx.erase_message(message.id);
  if (auto conversation = tx.conversation(message.conversation)) {
    if (message.state == MessageState::received && conversation->unread > 0) --conversation->unread;
    if (conversation->last_message == message.id) {
      MessageQuery newest;
      newest.conversation = conversation->id;
      newest.limit = 1;
      const auto left = tx.messages(newest);
      conversation->last_message = left.empty() ? 0 : left.front().id;
    }
    put(tx, *conversation);
  }
  message.text.clear();
  message.content.clear();
  message.extra.clear();
  removed.push_back(std::move(message));
}

void Changes::tell(Account& account) {
  if (chores) account.on_chores();
  for (StoredMessage& m : added) account.emit(Event::Kind::message_added, std::move(m));
  for (StoredMessage& m : changed) account.emit(Event::Kind::message_changed, std::move(m));
  for (StoredMessage& m : removed) account.emit(Event::Kind::message_removed, std::move(m));
  for (const auto& [id, conversation] : conversations) account.emit(conversation);
  for (const auto& [peer, until] : typing) {
    account.events.emit([&account, &peer = peer, &until = until] {
      Event event;
      event.kind = Event::Kind::typing;
      event.account = account.id();
      event.conversation.peer = peer;
      event.typing_until = until;
      return event;
    });
  }
}

}  // namespace argot::kernel
