// The loop behind every bot. It keeps no queue: what waits is what the store has as unread, so a bot that was away,
// or killed, goes on where it stopped.
#include <argot/app.h>
#include <argot/doorbell.h>

namespace argot {

struct Bot::Loop : std::enable_shared_from_this<Loop> {
  Loop(Bot& b, Context& c) : bot(b), ctx(c), messenger(c.service<Messenger>()), bell(c) {}

  Task<> run() {
    auto self = shared_from_this();
    while (!stopped) {
      for (const AccountInfo& account : messenger.lease()->accounts())
        if (account.unlocked && !stopped) co_await serve(account.id);
      if (!stopped) co_await bell.wait(std::nullopt);
    }
  }

  Task<> serve(AccountId account) {
    std::vector<Conversation> waiting = messenger.lease()->conversations(account);
    std::erase_if(waiting, [](const Conversation& c) { return c.unread == 0 || c.blocked; });
    for (const Conversation& conversation : waiting) {
      // Oldest first: marking one as read marks all before it.
      std::vector<MessageId> unread = find_unread(account, conversation);
      for (auto id = unread.rbegin(); id != unread.rend() && !stopped; ++id) co_await handle(account, *id);
    }
  }

  // Newest first.
  std::vector<MessageId> find_unread(const AccountId& account, const Conversation& conversation) {
    std::vector<MessageId> found;
    HistoryQuery query;
    query.conversation = conversation.peer;
    query.limit = 200;
    auto lease = messenger.lease();
    while (found.size() < std::size_t(conversation.unread)) {
      std::vector<Message> page = lease->history(account, query);
      if (page.empty()) break;
      for (const Message& m : page)
        if (m.direction == Direction::incoming && m.state == MessageState::received) found.push_back(m.id);
      query.before = page.back().id;
    }
    return found;
  }

  Task<> handle(AccountId account, MessageId id) {
    std::optional<Message> message = messenger.lease()->find(account, id);
    if (!message) co_return;
    try {
      auto lease = messenger.lease();
      BotContext context(ctx, *lease);
      co_await bot.on_message(context, std::move(*message));
    } catch (...) {
      if (stopped) co_return;
      ctx.log(LogLevel::error, "A message was not handled: " + to_error(std::current_exception()).sentence());
    }
    if (!stopped) messenger.lease()->mark_read(account, id);
  }

  Bot& bot;
  Context& ctx;
  Handle<Messenger> messenger;
  Doorbell bell;
  Subscription events;
  bool stopped = false;
};

Bot::Bot() = default;
Bot::~Bot() = default;

Task<> Bot::start(Context& ctx) {
  loop_ = std::make_shared<Loop>(*this, ctx);
  loop_->events = loop_->messenger.lease()->subscribe([loop = loop_.get()](const Event& event) {
    const bool incoming = event.kind == Event::Kind::message_added && event.message.direction == Direction::incoming;
    if (incoming || event.kind == Event::Kind::account_changed) loop->bell.ring();
  });
  ctx.spawn("answering", loop_->run());
  co_return;
}

Task<> Bot::stop() {
  loop_->stopped = true;
  loop_->events = Subscription();
  loop_->bell.ring();
  co_return;
}

Task<MessageId> BotContext::reply(Message to, std::string text) {
  co_return messenger_.send(to.account, to.conversation, std::move(text));
}

}  // namespace argot
