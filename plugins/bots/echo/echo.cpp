// A bot that answers with what it was told. The shortest useful plugin: start reading here.
#include <argot/app.h>

namespace {

class Echo final : public argot::Bot {
  argot::Task<> on_message(argot::BotContext& bot, argot::Message message) override {
    std::string text = message.text;
    co_await bot.reply(std::move(message), std::move(text));
  }
};

}  // namespace

ARGOT_PLUGIN(Echo,
             {.name = "echo", .version = "1.0.0", .summary = "Answers with what it was told", .needs = "messenger/1"})
