#include <kernel/messenger/inbox.h>

#include <kernel/messenger/early.h>
#include <kernel/messenger/kinds/arrival.h>
#include <kernel/messenger/requests.h>
#include <kernel/messenger/unclaimed.h>

#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot::kernel {
namespace {

// A hash is remembered a day longer than its envelope can exist.
constexpr std::int64_t day_ms = 24ll * 3600 * 1000;
constexpr std::uint64_t latest_ms = 253402300800'000;  // the year 10000: more would overflow microseconds
constexpr std::uint64_t batches_between_cleanings = 1000;

/// Whether it makes a conversation with somebody who has none.
bool begins_conversation(const Content& content) {
  return std::holds_alternative<Text>(content.body) || std::holds_alternative<Reaction>(content.body) ||
         std::holds_alternative<RequestResponse>(content.body);
}

}  // namespace

Inbox::Inbox(std::shared_ptr<Account> account, Suites& suites, Handle<Transport> transport)
    : account_(std::move(account)), suites_(suites), transport_(transport) {}

void Inbox::interrupt() {
  auto cancel = cancel_;  // the coroutine that ends may end us
  cancel->emit(asio::cancellation_type::terminal);
}

Task<> Inbox::run() {
  auto self = shared_from_this();
  Context& ctx = account_->ctx;
  Duration delay = first_delay;
  bool reached = true;
  while (account_->open()) {
    bool failed = false;
    try {
      open_unclaimed();
      const Batch batch = co_await receive();
      if (!account_->open()) break;
      if (!std::exchange(reached, true) && recovered_) recovered_();
      accept(batch);
      delay = first_delay;
    } catch (...) {
      Error error = to_error(std::current_exception());
      if (!account_->open()) break;
      if (error.code() != Code::cancelled) {
        failed = true;
        if (error.code() == Code::unavailable || error.code() == Code::timeout) reached = false;
        ctx.log(error.code() == Code::unavailable || error.code() == Code::timeout ? LogLevel::info : LogLevel::warning,
                "Receiving for " + account_->id().brief() + " did not work: " + error.sentence());
      }
    }
    if (failed) {
      co_await ctx.sleep(delay);
      delay = std::min(delay * 2, longest_delay);
    }
  }
}

Task<Batch> Inbox::receive() {
  if (provider_ != transport_.provider()) {
    provider_ = transport_.provider();
    auto tx = account_->store().begin();
    auto kept = tx->get(inbox_owner, "cursor:" + provider_);
    cursor_ = kept ? std::string(text_of(*kept)) : std::string();
  }
  Mailbox mailbox{account_->id(), 0};
  ReceiveRequest request(mailbox, account_->identity.get());
  request.cursor = cursor_;
  request.wait = longest_wait;
  auto transport = transport_.lease();
  // Ended by interrupt(), and by whatever ends this coroutine.
  auto cancel = cancel_;
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.slot().is_connected()) state.slot().assign([cancel](asio::cancellation_type type) { cancel->emit(type); });
  Task<Batch> receiving = transport->receive(std::move(request));
  auto token = asio::bind_cancellation_slot(cancel->slot(), asio::use_awaitable);
  co_return co_await asio::co_spawn(account_->ctx.executor(), std::move(receiving), std::move(token));
}

void Inbox::accept(const Batch& batch) {
  if (batch.deliveries.empty() && batch.cursor == cursor_) return;
  Changes changes;
  {
    auto tx = account_->store().begin();
    for (const Delivery& delivery : batch.deliveries) open(*tx, delivery, batch, changes);
    tx->put(inbox_owner, "cursor:" + provider_, view(batch.cursor));
    if (batches_++ % batches_between_cleanings == 0) {
      tx->forget_seen(to_ms(account_->ctx.now()) - day_ms);
      early::clean(*tx, to_ms(account_->ctx.now()));
      forget_calls(*tx, to_ms(account_->ctx.now()));
      unclaimed::clean(*tx, to_ms(account_->ctx.now()));
    }
    tx->commit();
  }
  cursor_ = batch.cursor;
  tell(changes);
}

void Inbox::tell(Changes& changes) {
  auto expires = [](const StoredMessage& m) { return m.expires_at_ms != 0; };
  const bool wake = std::ranges::any_of(changes.added, expires) || std::ranges::any_of(changes.changed, expires);
  changes.tell(*account_);
  if (wake) account_->on_expiring();
}

void Inbox::open_unclaimed() {
  std::vector<std::string> loaded = suites_.names();
  if (loaded == tried_) return;
  Changes changes;
  {
    auto tx = account_->store().begin();
    for (const Delivery& delivery : unclaimed::all(*tx)) {
      auto handle = suites_.claiming(delivery.envelope);
      if (!handle) continue;
      unclaimed::erase(*tx, delivery);
      open(*tx, *handle, delivery, {}, changes);
    }
    tx->commit();
  }
  tried_ = std::move(loaded);
  tell(changes);
}

// Order of checks: client/envelope.md section 8.
void Inbox::open(Transaction& tx, const Delivery& delivery, const Batch& batch, Changes& changes) {
  Context& ctx = account_->ctx;
  if (!tx.see(delivery.hash, to_ms(delivery.expires_at))) return;
  if (delivery.envelope.empty()) return;
  auto handle = suites_.claiming(delivery.envelope);
  if (!handle) {
    ctx.debug("An envelope is of no suite that is loaded; it waits for one.");
    unclaimed::keep(tx, delivery);
    return;
  }
  open(tx, *handle, delivery, batch.route, changes);
}

void Inbox::open(Transaction& tx, const Handle<Suite>& with, const Delivery& delivery, const Route& route,
                 Changes& changes) {
  try {
    StoreSuiteState state(tx, with.provider());
    auto suite = with.lease();
    Opened opened = suite->open(*account_->identity, delivery.envelope, state);
    take(tx, opened, delivery, route, with.provider(), changes);
  } catch (const Error& error) {
    // Anybody may put anything into an inbox. Trouble with our own store is another matter.
    if (error.code() != Code::unauthenticated && error.code() != Code::corrupt &&
        error.code() != Code::invalid_argument)
      throw;
    account_->ctx.debug("An envelope was dropped: " + error.sentence());
  }
}

void Inbox::take(Transaction& tx, const Opened& opened, const Delivery& delivery, const Route& route,
                 const std::string& suite, Changes& changes) {
  Content content = decode_content(opened.content);
  if (content.sent_at_ms && opened.sent_at_ms && content.sent_at_ms != opened.sent_at_ms)
    throw Error(Code::corrupt, "The envelope's time differs from the time its author signed.");
  const std::uint64_t sent_at_ms = opened.sent_at_ms ? opened.sent_at_ms : content.sent_at_ms;
  if (sent_at_ms > latest_ms) throw Error(Code::corrupt, "The message's time is beyond any calendar.");
  const std::string author = opened.sender.text();
  const auto known = tx.conversation(author);
  if (known && known->blocked) return;
  if (opened.sender != account_->id() &&
      (known ? !known->approved && known->unread >= requests::most_unread
             : begins_conversation(content) && !requests::admit(tx, to_ms(account_->ctx.now())))) {
    account_->ctx.debug("A message of a stranger was dropped: too many wait for an answer.");
    return;
  }
  Arrival arrival{*account_,
                  tx,
                  changes,
                  content,
                  opened.content,
                  delivery,
                  route,
                  suite,
                  author,
                  author,
                  opened.sender == account_->id(),
                  std::int64_t(sent_at_ms),
                  account_->ctx.now(),
                  account_->ctx.now() + transport_.lease()->clock_offset()};
  auto body = std::move(content.body);
  std::visit([&](auto& kind) { arrive(arrival, kind); }, body);
}

}  // namespace argot::kernel
