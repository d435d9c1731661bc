#include "print.h"

#include <argot/doorbell.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace argot::cli {

namespace json = boost::json;

std::string clock_text(Time at) { return fmt::format("{:%H:%M:%S}", std::chrono::floor<std::chrono::seconds>(at)); }

std::string name_of(MessageState state) {
  constexpr std::string_view names[] = {"queued", "sending", "sent", "failed", "received", "read"};
  return std::string(names[std::size_t(state)]);
}

void print_message(bool as_json, const Message& m) {
  if (as_json) {
    fmt::print("{}\n",
               json::serialize(json::object{{"id", m.id},
                                            {"account", m.account.text()},
                                            {"conversation", m.conversation.text()},
                                            {"author", m.author.text()},
                                            {"sent_at_ms", to_ms(m.sent_at)},
                                            {"direction", m.direction == Direction::outgoing ? "outgoing" : "incoming"},
                                            {"state", name_of(m.state)},
                                            {"text", m.text},
                                            {"suite", m.suite},
                                            {"failure", m.failure}}));
    return;
  }
  fmt::print("{:>6}  {}  {} {}  {}{}\n", m.id, clock_text(m.sent_at),
             m.direction == Direction::outgoing ? "to  " : "from", m.conversation.brief(), m.text,
             m.state == MessageState::failed ? "  (not sent: " + m.failure + ")" : "");
}

void print_conversation(bool as_json, const Conversation& c) {
  if (as_json)
    fmt::print("{}\n", json::serialize(json::object{{"peer", c.peer.text()},
                                                    {"name", c.name},
                                                    {"unread", c.unread},
                                                    {"approved", c.approved},
                                                    {"blocked", c.blocked},
                                                    {"last_active_ms", to_ms(c.last_active)}}));
  else
    fmt::print("{}  {:>4} unread  {}{}\n", c.peer.text(), c.unread, c.name, c.blocked ? "  (blocked)" : "");
}

void print_trace(bool as_json, const std::vector<TraceStep>& steps) {
  for (const TraceStep& step : steps) {
    if (as_json)
      fmt::print("{}\n",
                 json::serialize(json::object{
                     {"stage", step.stage}, {"at_us", step.at.time_since_epoch().count()}, {"detail", step.detail}}));
    else
      fmt::print("    {} {:>9.1f} ms  {:<8} {}\n", clock_text(step.at),
                 std::chrono::duration<double, std::milli>(step.at - steps.front().at).count(), step.stage,
                 step.detail);
  }
}

Task<std::optional<Message>> wait_for(kernel::Kernel& kernel, AccountId account, MessageId id, double seconds) {
  Context& ctx = kernel.host().context("messenger", "messenger");
  auto messenger = kernel.service<Messenger>().lease();
  Doorbell bell(ctx);
  auto subscription = messenger->subscribe([&](const Event&) { bell.ring(); });
  const Duration end = ctx.uptime() + Duration(std::int64_t(seconds * 1e6));
  while (ctx.uptime() < end) {
    auto message = messenger->find(account, id);
    if (message && (message->state == MessageState::sent || message->state == MessageState::failed)) co_return message;
    co_await bell.wait(end);
  }
  co_return std::nullopt;
}

}  // namespace argot::cli
