#pragma once
// What acts: user interfaces, bots, bridges, service nodes. Started with the kernel, run until it stops.
#include <argot/messenger.h>
#include <argot/plugin.h>

namespace argot {

/// An app has no interface for others: it does its work from start(Context&) on, through ctx.spawn.
class ARGOT_API App {
 public:
  static constexpr std::string_view interface_id = "app/1";
  static constexpr std::string_view kind = "app";
  virtual ~App();
};

/// What a bot's handler gets with each message.
class ARGOT_API BotContext {
 public:
  BotContext(Context& ctx, Messenger& messenger) : ctx_(ctx), messenger_(messenger) {}
  Context& context() { return ctx_; }
  Messenger& messenger() { return messenger_; }
  /// Answers in the conversation that `to` came from.
  Task<MessageId> reply(Message to, std::string text);

 private:
  Context& ctx_;
  Messenger& messenger_;
};

/// A bot sees every incoming message of every unlocked account once, one after the other, in order. A message
/// that arrived while the bot was not running is handed over when it runs again: what waits is what the store has as
/// unread, and a message counts as read once its handler has returned (so a handler that was killed half way sees it
/// again). A handler that throws is logged and the next message goes on.
class ARGOT_API Bot : public PluginOf<App> {
 public:
  virtual Task<> on_message(BotContext& ctx, Message message) = 0;
  Task<> start(Context& ctx) override;
  Task<> stop() override;
  Bot();
  ~Bot() override;

 private:
  struct Loop;
  std::shared_ptr<Loop> loop_;
};

}  // namespace argot
