#include <kernel/messenger/outbox.h>

#include <kernel/messenger/copies.h>
#include <kernel/messenger/marks.h>
#include <kernel/messenger/notices.h>
#include <kernel/messenger/trace.h>

#include <bit>

namespace argot::kernel {

// Plain text is encoded from its columns, so that it is kept once; other kinds keep their whole content.
Bytes content_of(StoredMessage message, argot::Profile profile) {
  if (!message.content.empty()) return std::move(message.content);
  Content content;
  content.sent_at_ms = std::uint64_t(message.sent_at_ms);
  Text text;
  text.body = std::move(message.text);
  text.profile = std::move(profile);
  content.body = std::move(text);
  return encode(std::move(content));
}

namespace {

struct Sealable {
  Bytes content;
  std::uint64_t sent_at_ms = 0;
};

/// What an outbox entry is to send; nothing when that is no more.
std::optional<Sealable> sealable(const Account& account, Transaction& tx, MessageId number) {
  if (notices::is_notice(number)) {
    auto content = notices::content(tx, number);
    if (!content) return std::nullopt;
    return Sealable{std::move(*content), std::uint64_t(notices::sent_at_ms(number))};
  }
  auto message = tx.message(number);
  if (!message || message->kind == std::uint16_t(Message::Kind::deleted)) return std::nullopt;
  const auto sent_at_ms = std::uint64_t(message->sent_at_ms);
  argot::Profile profile;
  if (message->conversation != account.id().text()) profile = account.profile(tx);
  return Sealable{content_of(std::move(*message), std::move(profile)), sent_at_ms};
}

}  // namespace

Outbox::Outbox(std::shared_ptr<Account> account, Suites& suites, Handle<Transport> transport)
    : account_(std::move(account)), suites_(suites), transport_(transport), doorbell_(account_->ctx) {
  waiting_ = account_->store().outbox().size();
}

Duration Outbox::backoff(int attempts, double jitter) {
  const Duration most = attempts > patience ? longest_delay : usual_delay;
  Duration delay = attempts > patience ? usual_delay : first_delay;
  for (int i = attempts > patience ? patience : 1; i < attempts && delay < most; ++i) delay *= 2;
  delay = std::min(delay, most);
  return delay + Duration(std::int64_t(double(delay.count()) * jitter / 4));
}

void Outbox::hurry() {
  // Not more often: where the network comes and goes this would be no back-off at all.
  hurry_at_ = std::max(account_->ctx.uptime(), last_hurry_ + between_hurries);
  doorbell_.ring();
}

Task<> Outbox::run() {
  auto self = shared_from_this();
  Context& ctx = account_->ctx;
  bool begun = false;
  while (account_->open()) {
    std::optional<Duration> next;
    try {
      if (!results_.empty()) commit(std::exchange(results_, {}));
      const bool hurries = hurry_at_ && ctx.uptime() >= *hurry_at_;
      if (!begun || hurries) make_due();
      begun = true;
      if (hurries) {
        hurry_at_.reset();
        last_hurry_ = ctx.uptime();
        held_.clear();
      }
      std::vector<OutboxEntry> due;
      if (lanes_.size() < most_lanes) next = collect(due);
      if (!due.empty()) {
        co_await seal(due);
        if (!account_->open()) break;
        launch(std::move(due));
        next.reset();  // whatever else is due is looked at when a lane comes back
      }
      if (hurry_at_) next = std::min(next.value_or(*hurry_at_), *hurry_at_);
    } catch (...) {
      Error error = to_error(std::current_exception());
      if (!account_->open()) break;
      // A full disk, mostly. What was brought back is stored again later and known by its hash there.
      ctx.log(error.code() == Code::unavailable ? LogLevel::debug : LogLevel::error,
              "The outbox of " + account_->id().brief() + " cannot write: " + error.sentence());
      in_flight_.clear();
      next = ctx.uptime() + (error.code() == Code::unavailable ? first_delay : backoff(4, 0));
    }
    co_await doorbell_.wait(next);
  }
}

void Outbox::make_due() {
  const std::int64_t now = to_ms(account_->ctx.now());
  std::vector<OutboxEntry> waiting = account_->store().outbox();
  std::erase_if(waiting, [now](const OutboxEntry& e) { return e.next_attempt_ms <= now; });
  if (waiting.empty()) return;
  auto tx = account_->store().begin();
  for (OutboxEntry& entry : waiting) {
    entry.next_attempt_ms = now;
    tx->put(entry);
  }
  tx->commit();
}

std::optional<Duration> Outbox::collect(std::vector<OutboxEntry>& ready) {
  Context& ctx = account_->ctx;
  const std::int64_t now = to_ms(ctx.now());
  std::erase_if(held_, [&](const auto& h) { return h.second <= now; });
  auto blocked = [&](const OutboxEntry& e) {
    return in_flight_.contains(e.message) || lanes_.contains(e.mailbox) || held_.contains(e.mailbox);
  };
  auto tx = account_->store().begin();
  // Look further only when everything near the front has to wait for something else.
  for (std::size_t limit = in_flight_.size() + 2 * lane_length;; limit *= 4) {
    ready = tx->due(now, limit);
    const bool all = ready.size() < limit;
    std::erase_if(ready, blocked);
    if (!ready.empty() || all || limit > most_waiting) break;
  }
  std::optional<std::int64_t> next = tx->next_due_ms();
  if (next && *next <= now) next.reset();  // it is blocked: a lane or the end of a hold wakes us
  for (const auto& [mailbox, until] : held_) next = std::min(next.value_or(until), until);
  if (!next) return std::nullopt;
  return ctx.uptime() + std::chrono::milliseconds(*next - now);
}

Task<> Outbox::seal(std::vector<OutboxEntry>& due) {
  Context& ctx = account_->ctx;
  // What needs the network is done first; the sealing itself does not wait, so one transaction holds it all.
  std::map<MessageId, std::string> unready;
  for (OutboxEntry& entry : due) {
    if (!entry.envelope.empty()) continue;
    try {
      AccountId peer = AccountId::parse(entry.mailbox);
      auto suite = suites_.for_sending(peer).lease();
      co_await suite->prepare(*account_->identity, peer);
    } catch (...) {
      unready[entry.message] = to_error(std::current_exception()).sentence();
    }
  }
  if (!account_->open()) co_return;
  std::vector<StoredMessage> changed;
  Counting counting(*this);
  auto tx = account_->store().begin();
  bool wrote = false;
  for (OutboxEntry& entry : due) {
    if (!entry.envelope.empty()) continue;
    std::optional<Sealable> stored = sealable(*account_, *tx, entry.message);
    if (!stored) {  // it was deleted or taken back before it went out
      tx->erase_outbox(entry.message);
      recount_ = true;
      wrote = true;
      continue;
    }
    if (auto it = unready.find(entry.message); it != unready.end()) {
      ctx.warn("A message cannot be sealed yet: " + it->second);
      entry.next_attempt_ms = to_ms(ctx.now() + backoff(++entry.attempts, double(ctx.random_below(1000)) / 1000));
      tx->put(entry);
      wrote = true;
      continue;
    }
    AccountId peer = AccountId::parse(entry.mailbox);
    auto handle = suites_.for_sending(peer);
    auto suite = handle.lease();
    StoreSuiteState state(*tx, handle.provider());
    try {
      entry.envelope = suite->seal(*account_->identity, peer, stored->content, stored->sent_at_ms, state);
      entry.suite = handle.provider();
      tx->put(entry);
      sealed_at_[entry.message] = ctx.now();
    } catch (...) {
      give_up(*tx, entry.message, to_error(std::current_exception()).sentence(), changed);
    }
    wrote = true;
  }
  if (wrote) tx->commit();
  counting.keep();
  if (std::exchange(recount_, false)) recount();
  std::erase_if(due, [](const OutboxEntry& e) { return e.envelope.empty(); });
  for (StoredMessage& m : changed) account_->emit(Event::Kind::message_changed, std::move(m));
}

void Outbox::launch(std::vector<OutboxEntry> due) {
  std::map<std::string, std::vector<OutboxEntry>> by_mailbox;
  for (OutboxEntry& entry : due) {
    auto& list = by_mailbox[entry.mailbox];
    if (list.size() < lane_length) list.push_back(std::move(entry));
  }
  for (auto& [mailbox, entries] : by_mailbox) {
    if (lanes_.size() >= most_lanes) break;
    if (!lanes_.insert(mailbox).second) continue;
    for (const OutboxEntry& entry : entries) in_flight_.insert(entry.message);
    account_->ctx.spawn("send", lane(mailbox, std::move(entries)));
  }
}

Task<> Outbox::lane(std::string mailbox, std::vector<OutboxEntry> entries) {
  auto self = shared_from_this();
  Context& ctx = account_->ctx;
  for (std::size_t i = 0; i < entries.size() && account_->open(); ++i) {
    OutboxEntry& entry = entries[i];
    Result result;
    bool stop = false;
    try {
      Mailbox box{AccountId::parse(entry.mailbox), entry.ns};
      StoreRequest request(box, entry.envelope, std::chrono::milliseconds(entry.ttl_ms));
      auto transport = transport_.lease();
      result.receipt = co_await transport->store(std::move(request));
    } catch (...) {
      result.failure = to_error(std::current_exception());
      // The rest of the lane waits its turn behind this one, so that order is kept.
      stop = result.failure->code() != Code::invalid_argument;
    }
    result.at = ctx.now();
    const Bytes kept = std::exchange(entry.envelope, {});
    result.entry = entry;
    if (result.failure) result.entry.envelope = kept;
    results_.push_back(std::move(result));
    if (stop)
      for (++i; i < entries.size(); ++i) in_flight_.erase(entries[i].message);
    doorbell_.ring();
  }
  lanes_.erase(mailbox);
  doorbell_.ring();
}

void Outbox::commit(std::vector<Result> results) {
  std::vector<StoredMessage> changed;
  Counting counting(*this);
  auto tx = account_->store().begin();
  for (Result& result : results) settle(*tx, result, changed);
  tx->commit();
  counting.keep();
  for (const Result& result : results) in_flight_.erase(result.entry.message);
  if (std::exchange(recount_, false)) recount();
  if (std::exchange(expiring_, false)) account_->on_expiring();
  for (StoredMessage& m : changed) account_->emit(Event::Kind::message_changed, std::move(m));
}

void Outbox::settle(Transaction& tx, Result& result, std::vector<StoredMessage>& changed) {
  Context& ctx = account_->ctx;
  OutboxEntry& entry = result.entry;
  if (result.failure) {
    const Error& error = *result.failure;
    const bool notice = notices::is_notice(entry.message);
    auto stored = notice ? std::nullopt : tx.message(entry.message);
    if (!stored && !notice) {  // it was deleted here meanwhile
      tx.erase_outbox(entry.message);
      recount_ = true;
      return;
    }
    const std::int64_t sent_at_ms = notice ? notices::sent_at_ms(entry.message) : stored->sent_at_ms;
    const bool expired = to_ms(ctx.now()) - sent_at_ms > entry.ttl_ms;
    if (error.code() == Code::invalid_argument || expired) {
      give_up(tx, entry.message, error.sentence(), changed);
      return;
    }
    ctx.debug("A message waits for another attempt: " + error.sentence());
    // A swap or a stop took the transport away: nobody refused, so it does not count.
    const bool counted = error.code() != Code::cancelled;
    if (counted) ++entry.attempts;
    if (counted && stored) {
      stored->failure = error.sentence();
      // Of many attempts the trace has room for some.
      if (std::has_single_bit(std::uint64_t(entry.attempts)))
        append_step(stored->trace, "waiting", result.at, stored->failure);
      tx.update(*stored);
      changed.push_back(std::move(*stored));
    }
    entry.next_attempt_ms =
        to_ms(ctx.now() + (counted ? backoff(entry.attempts, double(ctx.random_below(1000)) / 1000) : Duration(0)));
    tx.put(entry);
    held_[entry.mailbox] = entry.next_attempt_ms;  // what follows in this conversation waits behind it
    return;
  }
  if (entry.attempts > 0) hurry();  // what failed works again, so perhaps other things too
  copy(tx, entry);
  if (notices::is_notice(entry.message)) {
    if (waiting_) --waiting_;
    notices::erase(tx, entry.message);
    return;
  }
  auto stored = tx.message(entry.message);
  tx.erase_outbox(entry.message);
  if (!stored) {
    recount_ = true;
    return;
  }
  if (waiting_) --waiting_;
  const StoreReceipt& receipt = *result.receipt;
  if (stored->state != MessageState::read) stored->state = MessageState::sent;  // a receipt may have been quicker
  // One's own copy lives as long as the peer's: from now on in either mode.
  if (const Disappearing timer = Marks::read(stored->extra).timer;
      timer.on() && stored->kind != std::uint16_t(Message::Kind::timer_changed)) {
    stored->expires_at_ms = to_ms(ctx.now()) + std::int64_t(timer.seconds) * 1000;
    expiring_ = true;
  }
  stored->failure.clear();
  stored->hash = receipt.hash;
  stored->suite = entry.suite;
  if (auto it = sealed_at_.find(entry.message); it != sealed_at_.end()) {
    append_step(stored->trace, "sealed", it->second, "suite " + entry.suite);
    sealed_at_.erase(it);
  }
  append_step(stored->trace, "stored", result.at,
              describe(receipt.route) + (receipt.already ? " (it was there already)" : ""));
  tx.update(*stored);
  changed.push_back(std::move(*stored));
}

void Outbox::copy(Transaction& tx, const OutboxEntry& entry) {
  try {
    const std::optional<Sealable> stored = sealable(*account_, tx, entry.message);
    if (!stored) return;  // it was deleted or taken back meanwhile
    const std::int64_t now_ms = to_ms(account_->ctx.now());
    if (copies::put(tx, account_->id().text(), entry.mailbox, stored->content, entry.ttl_ms, now_ms)) added();
  } catch (const Error& error) {
    if (error.code() != Code::corrupt && error.code() != Code::invalid_argument) throw;
    account_->ctx.warn("One's other devices do not get a copy of a message: " + error.sentence());
  }
}

void Outbox::give_up(Transaction& tx, MessageId message, std::string why, std::vector<StoredMessage>& changed) {
  tx.erase_outbox(message);
  if (waiting_) --waiting_;
  if (notices::is_notice(message)) return notices::erase(tx, message);
  auto stored = tx.message(message);
  if (!stored) return;
  append_step(stored->trace, "failed", account_->ctx.now(), why);
  stored->state = MessageState::failed;
  stored->failure = std::move(why);
  tx.update(*stored);
  changed.push_back(std::move(*stored));
}

}  // namespace argot::kernel
