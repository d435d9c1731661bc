// What people do in a conversation: write, answer, edit, react, take back, read, let disappear, accept.
#include <kernel/messenger/copies.h>
#include <kernel/messenger/messenger_impl.h>

#include <kernel/messenger/notices.h>
#include <kernel/messenger/standing.h>
#include <kernel/messenger/trace.h>
#include <kernel/messenger/verification.h>

namespace argot::kernel {
namespace {

constexpr std::size_t receipts_at_once = 256, quoted_bytes = 400;
constexpr std::int64_t shortest_ttl_ms = 10'000;  // a node takes no less (client/envelope.md section 6)
constexpr auto typing_ttl = std::chrono::seconds(20);

std::size_t check_text(const std::string& text) {
  const auto length = code_points(text);
  if (!length) throw Error(Code::invalid_argument, "The text is not UTF-8.", "Send text, or a file.");
  if (*length == 0) throw Error(Code::invalid_argument, "The text is empty.", "Write something.");
  if (*length > MessengerImpl::longest_text)
    throw Error(Code::invalid_argument,
                "The text has " + std::to_string(*length) + " characters; at most 2000 go into one message.",
                "Send it in parts.");
  return *length;
}

void require_person(const AccountId& peer) {
  if (peer.prefix() != AccountId::person)
    throw Error(Code::invalid_argument, "Messages can be sent to people only; " + peer.brief() + " is none.",
                "A person's account ID begins with 05.");
}

StoredMessage find_message(Transaction& tx, MessageId id) {
  auto message = tx.message(id);
  if (!message)
    throw Error(Code::not_found, "There is no message number " + std::to_string(id) + ".", "Look at the conversation.");
  return std::move(*message);
}

/// A beginning of at most `bytes`, not cut inside a character.
std::string beginning(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

constexpr std::uint64_t longest_step_ms = 300;
constexpr std::int64_t latest_ms = 253402300700'000;  // little before the year 10000, beyond which nothing is taken

/// When this person last did the same to the message: edited it, or used the emoji. 0: never.
std::int64_t last_deed_ms(const StoredMessage& message, const Effect& effect) {
  const Marks marks = Marks::read(message.extra);
  if (effect.kind == Effect::Kind::edit) return marks.edited_at_ms;
  for (const Marks::Mark& mark : marks.reactions)
    if (mark.by == effect.by && mark.emoji == effect.text) return mark.at_ms;
  return 0;
}

void put_timer(Content& content, const Disappearing& timer) {
  if (!timer.on()) return;
  content.expiry = timer.mode;
  content.expiry_seconds = timer.seconds;
}

/// How long nodes keep it (client/envelope.md section 6).
std::int64_t ttl_of(const Disappearing& timer) {
  if (!timer.on() || timer.mode != Disappearing::Mode::after_send) return MessengerImpl::ttl_ms;
  return std::clamp(std::int64_t(timer.seconds) * 1000, shortest_ttl_ms, MessengerImpl::ttl_ms);
}

}  // namespace

std::int64_t MessengerImpl::network_now_ms() {
  auto transport = ctx_->service<Transport>();
  return to_ms(ctx_->now() + (transport ? transport.lease()->clock_offset() : Duration(0)));
}

std::int64_t MessengerImpl::next_time_ms() {
  last_sent_ms_ = std::max(network_now_ms(), last_sent_ms_ + 1);
  return last_sent_ms_;
}

std::int64_t MessengerImpl::step_ms() { return 1 + std::int64_t(ctx_->random_below(longest_step_ms)); }

void MessengerImpl::step_past(std::int64_t ms) {
  if (ms > last_sent_ms_) last_sent_ms_ = ms >= network_now_ms() ? ms + step_ms() : ms;
}

std::int64_t MessengerImpl::time_after(Transaction& tx, const std::string& self, std::int64_t ms) {
  // Of effects the latest counts: a clock that was set back must not make this one the older. Nothing else is moved.
  std::int64_t at = next_time_ms();
  if (at > ms) return at;
  at = std::min(ms, latest_ms) + step_ms();
  while (tx.message(self, at) || notices::content(tx, notices::first + at)) ++at;
  return at;
}

void MessengerImpl::require_room(const Running& r) {
  if (r.outbox->waiting() >= Outbox::most_waiting)
    throw Error(Code::resource_exhausted, std::to_string(Outbox::most_waiting) + " messages wait to be sent already.",
                "Wait until the network takes some of them.");
}

void MessengerImpl::queue(Running& r, Transaction& tx, Changes& changes, StoredMessage message,
                          StoredConversation conversation, std::int64_t ttl, std::vector<DraftFile> files) {
  const std::int64_t now_ms = to_ms(ctx_->now());
  message.received_at_ms = now_ms;
  message.direction = Direction::outgoing;
  message.state = MessageState::queued;
  append_step(message.trace, "queued", ctx_->now(), {});
  tx.put(conversation);
  const std::optional<MessageId> id = tx.insert(message);
  if (!id) throw Error(Code::internal, "No free moment was found for the message.", "Check the clock of this machine.");
  message.id = *id;
  notices::gave_time(tx, message.sent_at_ms);
  conversation.last_message = *id;
  conversation.last_active_ms = std::max(conversation.last_active_ms, now_ms);
  changes.put(tx, conversation);
  if (files.empty()) {
    OutboxEntry entry;
    entry.message = *id;
    entry.mailbox = message.conversation;
    entry.ttl_ms = ttl;
    entry.next_attempt_ms = now_ms;
    tx.put(entry);
    r.outbox->added();
  } else {
    Uploads::put(tx, message, std::move(files), ttl);
  }
  changes.added.push_back(std::move(message));
}

void MessengerImpl::queue_notice(Running& r, Transaction& tx, const std::string& peer, decltype(Content::body) body,
                                 Disappearing timer) {
  Content content;
  content.sent_at_ms = std::uint64_t(next_time_ms());
  put_timer(content, timer);
  content.body = std::move(body);
  notices::put(tx, peer, std::move(content), ttl_ms, to_ms(ctx_->now()));
  r.outbox->added();
}

MessageId MessengerImpl::send(const AccountId& account, const AccountId& peer, Draft draft) {
  Running& r = running(account);
  require_person(peer);
  if (draft.files.empty() || !draft.text.empty()) check_text(draft.text);
  require_room(r);
  std::vector<Attachment> attachments = Uploads::check(*ctx_, draft.files);
  StoredMessage message;
  message.conversation = peer.text();
  message.author = account.text();

  Changes changes;
  Outbox::Counting counting(*r.outbox);
  auto tx = r.account->store().begin();
  StoredConversation conversation = Account::find_or_make(*tx, message.conversation);
  const Standing standing = Standing::of(conversation);
  // A first answer to somebody's request accepts it, and says so.
  if (!conversation.approved && conversation.last_message != 0 && peer != account)
    queue_notice(r, *tx, message.conversation, RequestResponse{true, r.account->profile(*tx)});
  conversation.approved = true;
  do message.sent_at_ms = next_time_ms();
  while (tx->message(message.author, message.sent_at_ms));  // a clock that was set back

  std::optional<Quote> quote;
  if (draft.reply_to) {
    const StoredMessage original = find_message(*tx, draft.reply_to);
    if (original.conversation != message.conversation)
      throw Error(Code::invalid_argument, "A reply answers a message of its own conversation.",
                  "Name a message of this conversation.");
    quote.emplace();
    quote->timestamp_ms = std::uint64_t(original.sent_at_ms);
    quote->author = original.author;
    quote->text = beginning(original.text, quoted_bytes);
  }
  if (quote || standing.timer.on() || !attachments.empty()) {
    Content content;
    content.sent_at_ms = std::uint64_t(message.sent_at_ms);
    put_timer(content, standing.timer);
    Text text;
    text.body = draft.text;
    text.quote = std::move(quote);
    text.attachments = std::move(attachments);
    if (peer != account) text.profile = r.account->profile(*tx);
    content.body = std::move(text);
    message.content = encode(std::move(content));
    Marks marks;
    marks.timer = standing.timer;
    message.extra = marks.write();
  }
  message.text = std::move(draft.text);
  queue(r, *tx, changes, std::move(message), std::move(conversation), ttl_of(standing.timer), std::move(draft.files));
  const MessageId id = changes.added.front().id;
  tx->commit();
  counting.keep();
  changes.conversations.clear();  // the message tells enough
  changes.tell(*r.account);
  r.outbox->wake();
  r.uploads->wake();
  return id;
}

Task<> MessengerImpl::download(AccountId account, MessageId id, std::size_t index, std::filesystem::path to) {
  std::shared_ptr<Account> owner = running(account).account;
  Message message;
  {
    auto tx = owner->store().begin();
    message = owner->message(find_message(*tx, id));
  }
  if (index >= message.attachments.size())
    throw Error(Code::not_found,
                "Message number " + std::to_string(id) + " has " + std::to_string(message.attachments.size()) +
                    " file(s), so there is no number " + std::to_string(index + 1) + ".",
                "Look at the conversation.");
  Attachment pointer = message.attachments[index];
  FileProgress progress = watch_transfer(owner, id, message.conversation.text(), index, false);
  co_await fetch_file(owner, std::move(pointer), std::move(to), std::move(progress));
  if (message.direction != Direction::incoming || !owner->open()) co_return;
  // The file is there: that its author could not be told is no reason to say otherwise.
  try {
    Running& r = running(account);
    if (!r.account->privacy(*r.account->store().begin()).saved_media) co_return;
    DataExtraction saved;
    saved.type = DataExtraction::Type::media_saved;
    saved.timestamp_ms = std::uint64_t(to_ms(message.sent_at));
    tell_extraction(r, message.conversation.text(), saved);
  } catch (const Error& error) {
    ctx_->debug("That a file was saved is not told: " + error.sentence());
  }
}

bool MessengerImpl::tell_extraction(Running& r, const std::string& peer, DataExtraction what) {
  require_room(r);
  Outbox::Counting counting(*r.outbox);
  auto tx = r.account->store().begin();
  const auto conversation = tx->conversation(peer);
  if (!conversation || !conversation->approved || conversation->blocked || peer == r.account->id().text()) return false;
  Disappearing timer = Standing::of(*conversation).timer;
  // Such a notice disappears after it was read, whatever the texts do (client/envelope.md section 7.8).
  if (timer.on()) timer.mode = Disappearing::Mode::after_read;
  queue_notice(r, *tx, peer, what, timer);
  tx->commit();
  counting.keep();
  r.outbox->wake();
  return true;
}

void MessengerImpl::tell_screenshot(const AccountId& account, const AccountId& peer) {
  require_person(peer);
  if (!tell_extraction(running(account), peer.text(), DataExtraction{}))
    throw Error(Code::invalid_argument, peer.brief() + " is nobody who could be told of a screenshot.",
                "Only somebody who was accepted and is not blocked can be told.");
}

void MessengerImpl::affect(Running& r, MessageId id, Effect::Kind kind, std::string text) {
  require_room(r);
  Changes changes;
  Outbox::Counting counting(*r.outbox);
  auto tx = r.account->store().begin();
  StoredMessage message = find_message(*tx, id);
  Effect effect;
  effect.kind = kind;
  effect.by = r.account->id().text();
  effect.target_author = message.author;
  effect.target_ms = message.sent_at_ms;
  effect.text = text;
  effect.at_ms = time_after(*tx, effect.by, last_deed_ms(message, effect));
  // It is under way to the peer: one's other devices get it, too, before they hear that it was taken back.
  if (kind == Effect::Kind::unsend && message.author == effect.by && message.state == MessageState::queued &&
      message.kind == std::uint16_t(Message::Kind::text) &&
      copies::put(*tx, effect.by, message.conversation, content_of(message), ttl_ms, to_ms(ctx_->now())))
    r.outbox->added();
  if (kind == Effect::Kind::unsend && message.author == effect.by) {
    for (const std::string& hash : {message.hash, Marks::read(message.extra).copy_hash})
      Chores::remove(*tx, hash, to_ms(ctx_->now()));
    changes.chores = true;
  }
  const Applied applied = message.kind == std::uint16_t(Message::Kind::deleted) && kind != Effect::Kind::unsend
                              ? Applied::refused
                              : apply(message, effect);
  if (applied == Applied::refused)
    throw Error(Code::invalid_argument,
                "This cannot be done to message number " + std::to_string(id) + ": it is not a text of one's own, or " +
                    "it was deleted.",
                "Only one's own texts can be edited or taken back; texts of both can be reacted to.");
  tx->update(message);
  Content content;
  content.sent_at_ms = std::uint64_t(effect.at_ms);
  if (kind == Effect::Kind::unsend) {
    Unsend unsend;
    unsend.timestamp_ms = std::uint64_t(message.sent_at_ms);
    unsend.author = message.author;
    // One's other devices hear of it by a request of its own, with a time of its own (client/envelope.md section 7.7).
    if (message.conversation != effect.by) queue_notice(r, *tx, effect.by, unsend);
    content.body = std::move(unsend);
  } else if (kind == Effect::Kind::edit) {
    Text edit;
    edit.body = std::move(text);
    edit.edit_of_ms = std::uint64_t(message.sent_at_ms);
    edit.quote.emplace();  // for clients that know no edits
    edit.quote->timestamp_ms = edit.edit_of_ms;
    edit.quote->author = message.author;
    put_timer(content, Marks::read(message.extra).timer);
    content.body = std::move(edit);
  } else {
    Reaction reaction;
    reaction.timestamp_ms = std::uint64_t(message.sent_at_ms);
    reaction.author = message.author;
    reaction.emoji = std::move(text);
    reaction.remove = kind == Effect::Kind::unreact;
    if (message.conversation != effect.by) reaction.profile = r.account->profile(*tx);
    content.body = std::move(reaction);
  }
  notices::put(*tx, message.conversation, std::move(content), ttl_ms, to_ms(ctx_->now()));
  changes.changed.push_back(std::move(message));
  r.outbox->added();
  tx->commit();
  counting.keep();
  changes.tell(*r.account);
  r.outbox->wake();
}

void MessengerImpl::edit(const AccountId& account, MessageId message, std::string text) {
  check_text(text);
  affect(running(account), message, Effect::Kind::edit, std::move(text));
}

void MessengerImpl::react(const AccountId& account, MessageId message, std::string emoji, bool add) {
  if (emoji.empty() || emoji.size() > 64 || !code_points(emoji))
    throw Error(Code::invalid_argument, "A reaction is one emoji of at most 64 bytes.", "Choose one emoji.");
  affect(running(account), message, add ? Effect::Kind::react : Effect::Kind::unreact, std::move(emoji));
}

void MessengerImpl::unsend(const AccountId& account, MessageId message) {
  Running& r = running(account);
  // What has not been sealed is known to nobody: no mark, no notice. But what it changed here stays changed, so that
  // only texts can go like this.
  const auto waiting = r.account->store().outbox();
  const bool text = find_message(*r.account->store().begin(), message).kind == std::uint16_t(Message::Kind::text);
  const bool unknown = std::ranges::any_of(
      waiting, [message](const OutboxEntry& e) { return e.message == message && e.envelope.empty(); });
  const bool uploading = Uploads::waits(*r.account->store().begin(), message);
  if (text && (unknown || uploading)) return erase(account, message);
  affect(r, message, Effect::Kind::unsend, {});
}

void MessengerImpl::erase(const AccountId& account, MessageId id) {
  Running& r = running(account);
  Changes changes;
  auto tx = r.account->store().begin();
  changes.remove(*tx, find_message(*tx, id), to_ms(ctx_->now()));
  tx->commit();
  r.outbox->recount();
  r.uploads->cancel(id);
  changes.tell(*r.account);
}

void MessengerImpl::set_disappearing(const AccountId& account, const AccountId& peer, Disappearing timer) {
  Running& r = running(account);
  require_person(peer);
  require_room(r);
  if (!timer.on()) timer = {};
  if (timer.on() && peer == account && timer.mode != Disappearing::Mode::after_send)
    throw Error(Code::invalid_argument, "Notes to oneself can disappear only after they were sent.",
                "Choose the other mode.");
  Changes changes;
  Outbox::Counting counting(*r.outbox);
  auto tx = r.account->store().begin();
  StoredMessage message;
  message.conversation = peer.text();
  message.author = account.text();
  StoredConversation conversation = Account::find_or_make(*tx, message.conversation);
  Standing standing = Standing::of(conversation);
  // Later than what holds now, even if the peer's clock was ahead.
  step_past(standing.timer_at_ms);
  message.sent_at_ms = next_time_ms();
  standing.timer = timer;
  standing.timer_at_ms = message.sent_at_ms;
  standing.put(conversation);
  conversation.approved = true;
  message.kind = std::uint16_t(Message::Kind::timer_changed);
  Marks marks;
  marks.timer = timer;
  message.extra = marks.write();
  Content content;
  content.sent_at_ms = std::uint64_t(message.sent_at_ms);
  put_timer(content, timer);
  Text text;
  text.flags = Text::timer_update;
  content.body = std::move(text);
  message.content = encode(std::move(content));
  queue(r, *tx, changes, std::move(message), std::move(conversation), ttl_ms);
  tx->commit();
  counting.keep();
  changes.tell(*r.account);
  r.outbox->wake();
}

void MessengerImpl::accept(const AccountId& account, const AccountId& peer) {
  Running& r = running(account);
  require_person(peer);
  require_room(r);
  Changes changes;
  Outbox::Counting counting(*r.outbox);
  auto tx = r.account->store().begin();
  StoredConversation conversation = Account::find_or_make(*tx, peer.text());
  if (conversation.approved) return;
  Standing standing = Standing::of(conversation);
  standing.declined = false;
  standing.put(conversation);
  conversation.approved = true;
  queue_notice(r, *tx, conversation.id, RequestResponse{true, r.account->profile(*tx)});
  changes.put(*tx, conversation);
  tx->commit();
  counting.keep();
  changes.tell(*r.account);
  r.outbox->wake();
}

void MessengerImpl::decline(const AccountId& account, const AccountId& peer) {
  Running& r = running(account);
  Changes changes;
  auto tx = r.account->store().begin();
  auto conversation = tx->conversation(peer.text());
  if (!conversation || conversation->approved)
    throw Error(Code::invalid_argument, "There is no message request of " + peer.brief() + ".",
                "Somebody who was accepted can be blocked.");
  MessageQuery all;
  all.conversation = conversation->id;
  all.limit = 1000;
  for (std::vector<StoredMessage> page; !(page = tx->messages(all)).empty();)
    for (StoredMessage& message : page) changes.remove(*tx, std::move(message), to_ms(ctx_->now()));
  conversation->unread = 0;
  conversation->last_message = 0;
  Standing standing = Standing::of(*conversation);
  standing.declined = true;
  standing.put(*conversation);
  changes.put(*tx, *conversation);
  tx->commit();
  changes.tell(*r.account);
}

void MessengerImpl::mark_read(const AccountId& account, MessageId up_to) {
  Running& r = running(account);
  Changes changes;
  Outbox::Counting counting(*r.outbox);
  auto tx = r.account->store().begin();
  const StoredMessage last = find_message(*tx, up_to);
  auto conversation = tx->conversation(last.conversation);
  if (!conversation) return;
  Standing standing = Standing::of(*conversation);
  if (conversation->unread == 0 && !standing.keeping.marked_unread) return;
  if (std::exchange(standing.keeping.marked_unread, false)) standing.put(*conversation);
  const std::int64_t now_ms = to_ms(ctx_->now());
  MessageQuery q;
  q.conversation = last.conversation;
  q.before = up_to;
  Receipt receipt;
  bool expiring = false;
  for (std::vector<StoredMessage> page{last}; !page.empty() && conversation->unread > 0; page = tx->messages(q)) {
    q.before = page.back().id;
    for (StoredMessage& message : page) {
      if (message.state != MessageState::received || conversation->unread == 0) continue;
      message.state = MessageState::read;
      const Disappearing timer = Marks::read(message.extra).timer;
      if (timer.on() && !message.expires_at_ms) {
        message.expires_at_ms = now_ms + std::int64_t(timer.seconds) * 1000;
        Chores::shorten(*tx, message.hash, message.expires_at_ms, now_ms);
        changes.chores = true;
        expiring = true;
      }
      tx->update(message);
      --conversation->unread;
      receipt.timestamps_ms.push_back(std::uint64_t(message.sent_at_ms));
      changes.changed.push_back(std::move(message));
    }
  }
  // Not for requests; and what does not fit any more is not worth an error.
  const bool tells = r.account->privacy(*tx).read_receipts && conversation->approved && !conversation->blocked;
  if (tells && r.outbox->waiting() < Outbox::most_waiting) {
    auto& all = receipt.timestamps_ms;
    for (std::size_t at = 0; at < all.size(); at += receipts_at_once) {
      Receipt part;
      part.timestamps_ms.assign(all.begin() + std::ptrdiff_t(at),
                                all.begin() + std::ptrdiff_t(std::min(all.size(), at + receipts_at_once)));
      queue_notice(r, *tx, conversation->id, std::move(part));
    }
  }
  changes.put(*tx, *conversation);
  tx->commit();
  counting.keep();
  changes.tell(*r.account);
  if (expiring) r.expiry->wake();
  r.outbox->wake();
}

void MessengerImpl::set_typing(const AccountId& account, const AccountId& peer, bool started) {
  Running& r = running(account);
  {
    auto tx = r.account->store().begin();
    const auto conversation = tx->conversation(peer.text());
    if (!conversation || !conversation->approved || conversation->blocked || !r.account->privacy(*tx).typing) return;
  }  // sending begins at once, with a transaction of its own
  if (std::exchange(typing_in_flight_, true)) return;
  ctx_->spawn("typing notice", send_typing(r.account, peer, started));
}

Task<> MessengerImpl::send_typing(std::shared_ptr<Account> account, AccountId peer, bool started) {
  try {
    auto handle = suites_->for_sending(peer);
    auto suite = handle.lease();
    co_await suite->prepare(*account->identity, peer);
    Bytes envelope;
    if (account->open()) {
      Content content;
      content.sent_at_ms = std::uint64_t(next_time_ms());
      Typing typing;
      typing.started = started;
      typing.timestamp_ms = content.sent_at_ms;
      content.body = typing;
      const std::uint64_t at = content.sent_at_ms;
      const Bytes encoded = encode(std::move(content));
      auto tx = account->store().begin();
      StoreSuiteState state(*tx, handle.provider());
      envelope = suite->seal(*account->identity, peer, encoded, at, state);
      tx->commit();
    }
    if (!envelope.empty()) {
      Mailbox box{peer, 0};
      StoreRequest request(box, envelope, typing_ttl);
      auto transport = ctx_->service<Transport>().lease();
      co_await transport->store(std::move(request));
    }
  } catch (...) {
    ctx_->debug("A typing notice was not sent: " + to_error(std::current_exception()).sentence());
  }
  typing_in_flight_ = false;
}

void MessengerImpl::set_keeping(const AccountId& account, const AccountId& peer, Keeping keeping) {
  require_person(peer);
  change_conversation(account, peer, [&](StoredConversation& c) {
    Standing standing = Standing::of(c);
    standing.keeping = keeping;
    standing.put(c);
  });
}

std::string MessengerImpl::verification(const AccountId& account, const AccountId& peer) {
  require_person(peer);
  return verification_of(running(account).account->id(), peer);
}

std::string MessengerImpl::profile_name(const AccountId& account) {
  Running& r = running(account);
  auto tx = r.account->store().begin();
  return r.account->profile(*tx).name;
}

void MessengerImpl::set_profile_name(const AccountId& account, std::string name) {
  if (!code_points(name) || clean_name(name) != name)
    throw Error(Code::invalid_argument, "A name is UTF-8 text of at most 100 bytes without control characters.",
                "Choose another one.");
  Running& r = running(account);
  auto tx = r.account->store().begin();
  argot::Profile profile = r.account->profile(*tx);
  if (profile.name == name) return;
  profile.name = std::move(name);
  profile.updated_s = std::max(std::uint64_t(to_ms(ctx_->now()) / 1000), profile.updated_s + 1);
  r.account->set_profile(*tx, profile);
  tx->commit();
}

Privacy MessengerImpl::privacy(const AccountId& account) {
  Running& r = running(account);
  auto tx = r.account->store().begin();
  return r.account->privacy(*tx);
}

void MessengerImpl::set_privacy(const AccountId& account, Privacy privacy) {
  Running& r = running(account);
  auto tx = r.account->store().begin();
  r.account->set_privacy(*tx, privacy);
  tx->commit();
}

}  // namespace argot::kernel
