#include <kernel/messenger/inbox.h>

#include <kernel/messenger/trace.h>

#include <boost/asio/bind_cancellation_slot.hpp>

namespace argot::kernel {
namespace {

// A hash is remembered a day longer than its envelope can exist.
constexpr std::int64_t day_ms = 24ll * 3600 * 1000;
constexpr std::int64_t latest_ms = 253402300800'000;  // the year 10000: more would overflow microseconds
constexpr std::uint64_t batches_between_cleanings = 1000;

}  // namespace

struct Inbox::Arrivals {
  std::vector<StoredMessage> messages;
  std::map<std::string, StoredConversation> conversations;
};

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
  Arrivals arrivals;
  {
    auto tx = account_->store().begin();
    for (const Delivery& delivery : batch.deliveries) open(*tx, delivery, batch, arrivals);
    tx->put(inbox_owner, "cursor:" + provider_, view(batch.cursor));
    if (batches_++ % batches_between_cleanings == 0) tx->forget_seen(to_ms(account_->ctx.now()) - day_ms);
    tx->commit();
  }
  cursor_ = batch.cursor;
  for (StoredMessage& m : arrivals.messages) account_->emit(Event::Kind::message_added, std::move(m));
  for (const auto& [id, conversation] : arrivals.conversations) account_->emit(conversation);
}

// Order of checks: client/envelope.md section 8.
void Inbox::open(Transaction& tx, const Delivery& delivery, const Batch& batch, Arrivals& arrivals) {
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
    take(tx, opened, delivery, batch, handle->provider(), arrivals);
  } catch (const Error& error) {
    // Anybody may put anything into an inbox. Trouble with our own store is another matter.
    if (error.code() != Code::unauthenticated && error.code() != Code::corrupt &&
        error.code() != Code::invalid_argument)
      throw;
    ctx.debug("An envelope was dropped: " + error.sentence());
  }
}

void Inbox::take(Transaction& tx, const Opened& opened, const Delivery& delivery, const Batch& batch,
                 const std::string& suite, Arrivals& arrivals) {
  Context& ctx = account_->ctx;
  Content content = decode_content(opened.content);
  if (content.sent_at_ms && opened.sent_at_ms && content.sent_at_ms != opened.sent_at_ms)
    throw Error(Code::corrupt, "The envelope's time differs from the time its author signed.");
  // The other kinds of messages join here, one case each.
  auto* text = std::get_if<Text>(&content.body);
  // A change of the timer is no text, whatever it carries (client/envelope.md section 7.8).
  if (!text || text->body.empty() || (text->flags & Text::timer_update)) return;

  StoredMessage message;
  message.author = opened.sender.text();
  message.conversation = message.author;
  message.state = MessageState::received;
  const bool own = opened.sender == account_->id();
  if (own) {  // another device of ours sent it; to whom, it says itself
    message.direction = Direction::outgoing;
    message.state = MessageState::sent;
    if (!text->sync_target.empty()) message.conversation = AccountId::parse(text->sync_target).text();
  } else if (!text->sync_target.empty()) {
    throw Error(Code::corrupt, "A copy for one's own devices came from somebody else.");
  }
  message.sent_at_ms = std::int64_t(opened.sent_at_ms ? opened.sent_at_ms : content.sent_at_ms);
  if (message.sent_at_ms < 0 || message.sent_at_ms > latest_ms)
    throw Error(Code::corrupt, "The message's time is beyond any calendar.");
  message.received_at_ms = to_ms(ctx.now());
  message.text = std::move(text->body);
  message.hash = delivery.hash;
  message.suite = suite;

  StoredConversation conversation = Account::find_or_make(tx, message.conversation);
  if (conversation.blocked) return;
  if (conversation.last_message == 0 && !tx.conversation(message.conversation)) tx.put(conversation);
  append_step(message.trace, "sent", from_ms(message.sent_at_ms), "by its author's clock");
  append_step(message.trace, "stored", delivery.stored_at, "by the node's clock");
  append_step(message.trace, "fetched", ctx.now(), describe(batch.route));
  append_step(message.trace, "shown", ctx.now(), "suite " + suite);
  auto id = tx.insert(message);
  if (!id) return;  // the same (author, time) in another envelope: a resend
  message.id = *id;
  conversation.last_message = *id;
  conversation.last_active_ms = std::max(conversation.last_active_ms, message.received_at_ms);
  if (own)
    conversation.approved = true;
  else
    ++conversation.unread;
  tx.put(conversation);
  arrivals.conversations.insert_or_assign(conversation.id, conversation);
  arrivals.messages.push_back(std::move(message));
}

}  // namespace argot::kernel
