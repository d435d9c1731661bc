#include <kernel/messenger/inbox.h>

#include <kernel/messenger/early.h>
#include <kernel/messenger/kinds/arrival.h>

#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot::kernel {
namespace {

// A hash is remembered a day longer than its envelope can exist.
constexpr std::int64_t day_ms = 24ll * 3600 * 1000;
constexpr std::uint64_t latest_ms = 253402300800'000;  // the year 10000: more would overflow microseconds
constexpr std::uint64_t batches_between_cleanings = 1000;

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
    }
    tx->commit();
  }
  cursor_ = batch.cursor;
  const bool wake = std::ranges::any_of(changes.added, [](const StoredMessage& m) { return m.expires_at_ms != 0; });
  changes.tell(*account_);
  if (wake) account_->on_expiring();
}

// Order of checks: client/envelope.md section 8.
void Inbox::open(Transaction& tx, const Delivery& delivery, const Batch& batch, Changes& changes) {
  Context& ctx = account_->ctx;
  if (!tx.see(delivery.hash, to_ms(delivery.expires_at))) return;
  if (delivery.envelope.empty()) return;
  auto handle = suites_.claiming(delivery.envelope);
  if (!handle) {
    ctx.debug("An envelope is of no suite that is loaded; it is left alone.");
    return;
  }
  try {
    StoreSuiteState state(tx, handle->provider());
    auto suite = handle->lease();
    Opened opened = suite->open(*account_->identity, delivery.envelope, state);
    take(tx, opened, delivery, batch, handle->provider(), changes);
  } catch (const Error& error) {
    // Anybody may put anything into an inbox. Trouble with our own store is another matter.
    if (error.code() != Code::unauthenticated && error.code() != Code::corrupt &&
        error.code() != Code::invalid_argument)
      throw;
    ctx.debug("An envelope was dropped: " + error.sentence());
  }
}

void Inbox::take(Transaction& tx, const Opened& opened, const Delivery& delivery, const Batch& batch,
                 const std::string& suite, Changes& changes) {
  Content content = decode_content(opened.content);
  if (content.sent_at_ms && opened.sent_at_ms && content.sent_at_ms != opened.sent_at_ms)
    throw Error(Code::corrupt, "The envelope's time differs from the time its author signed.");
  const std::uint64_t sent_at_ms = opened.sent_at_ms ? opened.sent_at_ms : content.sent_at_ms;
  if (sent_at_ms > latest_ms) throw Error(Code::corrupt, "The message's time is beyond any calendar.");
  const std::string author = opened.sender.text();
  if (auto conversation = tx.conversation(author); conversation && conversation->blocked) return;
  Arrival arrival{*account_,
                  tx,
                  changes,
                  content,
                  opened.content,
                  delivery,
                  batch.route,
                  suite,
                  author,
                  author,
                  opened.sender == account_->id(),
                  std::int64_t(sent_at_ms),
                  account_->ctx.now()};
  auto body = std::move(content.body);
  std::visit([&](auto& kind) { arrive(arrival, kind); }, body);
}

}  // namespace argot::kernel
