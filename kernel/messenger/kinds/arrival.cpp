#include <kernel/messenger/kinds/arrival.h>

#include <kernel/messenger/chores.h>
#include <kernel/messenger/early.h>
#include <kernel/messenger/trace.h>

namespace argot::kernel {

void Arrival::find_conversation(const std::string& sync_target) {
  if (sync_target.empty()) return;
  if (!own) throw Error(Code::corrupt, "A copy for one's own devices came from somebody else.");
  conversation = AccountId::parse(sync_target).text();
}

void Arrival::meet(const argot::Profile& profile) {
  StoredConversation row = Account::find_or_make(tx, conversation);
  Standing standing = Standing::of(row);
  const Standing before = standing;
  if (own) {
    if (row.approved) return;
    row.approved = true;
  } else {
    standing.approved_by_peer = true;
    // A time that has not come yet would make this name the last one for ever.
    const std::int64_t latest = to_ms(network_now) / 1000;
    const bool told = profile.updated_s != 0 && profile.updated_s <= std::uint64_t(latest);
    const std::int64_t at = told ? std::int64_t(profile.updated_s) : std::min(sent_at_ms / 1000, latest);
    if (!profile.name.empty() && at >= standing.profile_at_s) {
      standing.profile_name = clean_name(profile.name);
      standing.profile_at_s = at;
    }
    if (standing.approved_by_peer == before.approved_by_peer && standing.profile_name == before.profile_name &&
        standing.profile_at_s == before.profile_at_s)
      return;
    standing.put(row);
  }
  changes.put(tx, row);
}

bool Arrival::add(StoredMessage message) {
  const std::int64_t now_ms = to_ms(now);
  if (early::forgotten(tx, author, sent_at_ms)) return false;
  message.author = author;
  message.conversation = conversation;
  message.direction = own ? Direction::outgoing : Direction::incoming;
  message.sent_at_ms = sent_at_ms;
  message.received_at_ms = now_ms;
  message.hash = delivery.hash;
  message.suite = suite;
  append_step(message.trace, "sent", from_ms(sent_at_ms), "by its author's clock");
  append_step(message.trace, "stored", delivery.stored_at, "by the node's clock");
  append_step(message.trace, "fetched", now, describe(route));
  append_step(message.trace, "shown", now, "suite " + suite);

  StoredConversation row = Account::find_or_make(tx, conversation);
  tx.put(row);
  auto id = tx.insert(message);
  if (!id) {  // the same (author, time) in another envelope: a resend, or the copy of what this device has sent
    if (own) found_copy();
    return false;
  }
  message.id = *id;
  for (const Effect& effect : early::take(tx, conversation, author, sent_at_ms))
    if (apply(message, effect) == Applied::changed) tx.update(message);

  if (message.kind == std::uint16_t(Message::Kind::deleted) && message.state == MessageState::received) {
    message.state = MessageState::read;  // nothing is left to be read
    tx.update(message);
  }

  row.last_message = *id;
  row.last_active_ms = std::max(row.last_active_ms, now_ms);
  if (message.state == MessageState::received) ++row.unread;
  Standing standing = Standing::of(row);
  const bool returns = standing.keeping.archived && !standing.keeping.muted && !own;
  if (standing.declined || returns) {
    standing.declined = false;
    if (returns) standing.keeping.archived = false;
    standing.put(row);
  }
  changes.put(tx, row);
  changes.added.push_back(std::move(message));
  return true;
}

void Arrival::found_copy() {
  auto message = tx.message(author, sent_at_ms);
  if (!message || message->hash == delivery.hash) return;
  if (message->kind == std::uint16_t(Message::Kind::deleted)) {  // it was taken back before its copy came
    Chores::remove(tx, delivery.hash, to_ms(now));
    changes.chores = true;
    return;
  }
  Marks marks = Marks::read(message->extra);
  marks.copy_hash = delivery.hash;
  message->extra = marks.write();
  tx.update(*message);
}

void Arrival::affect(Effect effect) {
  effect.by = author;
  effect.at_ms = sent_at_ms;
  // In a conversation of two there are two authors.
  if (effect.target_author != conversation && effect.target_author != account.id().text())
    throw Error(Code::corrupt, "A message is about another one whose author is not in the conversation.");
  if (effect.target_ms < 0) throw Error(Code::corrupt, "A message is about another one beyond any calendar.");
  const bool needs_author = effect.kind == Effect::Kind::edit || effect.kind == Effect::Kind::unsend;
  if (needs_author && effect.by != effect.target_author)
    throw Error(Code::unauthenticated, "Somebody tried to change what somebody else wrote.");
  auto target = tx.message(effect.target_author, effect.target_ms);
  if (!target) {
    if (early::forgotten(tx, effect.target_author, effect.target_ms)) return;
    const auto row = tx.conversation(conversation);
    early::keep(tx, conversation, effect, own || (row && row->approved), to_ms(now));
    return;
  }
  if (target->conversation != conversation)
    throw Error(Code::unauthenticated, "A message is about another one that is in another conversation.");
  const bool unread = target->state == MessageState::received;
  const std::string copy_hash = Marks::read(target->extra).copy_hash;
  if (apply(*target, effect) != Applied::changed) return;
  if (effect.kind == Effect::Kind::unsend) {
    for (const std::string& hash : {target->hash, copy_hash}) Chores::remove(tx, hash, to_ms(now));
    changes.chores = true;
  }
  if (effect.kind == Effect::Kind::unsend && unread) {  // nothing is left to be read
    target->state = MessageState::read;
    if (auto row = tx.conversation(conversation); row && row->unread > 0) {
      --row->unread;
      changes.put(tx, *row);
    }
  }
  tx.update(*target);
  changes.changed.push_back(std::move(*target));
}

}  // namespace argot::kernel
