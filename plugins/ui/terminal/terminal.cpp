// A conversation in the terminal, line by line.
#include "console.h"

#include <argot/app.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace argot::terminal {
namespace {

constexpr std::string_view help =
    "  Type a line and press Enter to send it.\n"
    "  /trace        where the last message has been, and when      /trace on|off  after every message\n"
    "  /history [N]  the last N messages (20)                       /search WORDS  find messages\n"
    "  /who          both account IDs                               /quit          leave\n";

std::string clock_text(Time at) { return fmt::format("{:%H:%M:%S}", std::chrono::floor<std::chrono::seconds>(at)); }

class Terminal final : public PluginOf<App> {
 public:
  Task<> start(Context& ctx) override {
    ctx_ = &ctx;
    messenger_ = ctx.service<Messenger>();
    peer_ = AccountId::parse(ctx.settings().text("peer"));
    co_await choose_account();
    trace_always_ = ctx.settings().flag("trace");
    auto network = ctx.service<Network>().lease();
    console_ = std::make_unique<Console>(ctx, co_await network->connect(ctx.settings().text("console")));
    events_ = messenger_.lease()->subscribe([this](const Event& event) { on_event(event); });
    ctx.spawn("writing to the terminal", console_->drain());
    ctx.spawn("reading from the terminal", read());
  }

  Task<> stop() override {
    events_ = Subscription();
    if (console_) {
      co_await console_->flush();
      console_->close();
    }
  }

 private:
  /// The account of the options, or the first unlocked one. One that is locked is tried, to hear why.
  Task<> choose_account() {
    auto messenger = messenger_.lease();
    const Settings& settings = ctx_->settings();
    const std::string wanted = settings.has("account") ? settings.text("account") : std::string();
    std::optional<AccountId> locked;
    const std::vector<AccountInfo> accounts = messenger->accounts();
    for (const AccountInfo& account : accounts) {
      if (!wanted.empty() && account.id.text() != wanted) continue;
      if (account.unlocked && self_ == AccountId()) self_ = account.id;
      if (!account.unlocked && !locked) locked = account.id;
    }
    if (self_ != AccountId()) co_return;
    if (!locked)
      throw Error(
          Code::not_found,
          wanted.empty() ? "There is no account for the terminal yet." : "There is no account " + wanted + " here.",
          wanted.empty() ? "Create one with `argot account new`." : "`argot account list` shows what there is.");
    std::string none;
    self_ = (co_await messenger->unlock(*locked, std::move(none))).id;
  }

  Task<> read() {
    console_->write(fmt::format("\n  A conversation with {}. /help for help, /quit to leave.\n\n", name_of_peer()));
    while (auto line = co_await console_->read_line()) {
      try {
        if (*line == "/quit") break;
        if (line->starts_with('/'))
          command(*line);
        else if (!line->empty())
          messenger_.lease()->send(self_, peer_, *line);
      } catch (...) {
        console_->write("  ! " + to_error(std::current_exception()).sentence() + "\n");
      }
    }
    ctx_->request_stop(0);
  }

  void command(const std::string& line) {
    if (line == "/trace on" || line == "/trace off") {
      trace_always_ = line == "/trace on";
      console_->write(trace_always_ ? "  Traces are shown.\n" : "  Traces are hidden.\n");
    } else if (line == "/trace") {
      show_trace(last_shown_);
    } else if (line == "/who") {
      console_->write(fmt::format("  you   {}\n  peer  {}\n", self_.text(), peer_.text()));
    } else if (line.starts_with("/history")) {
      HistoryQuery query;
      query.conversation = peer_;
      query.limit = line.size() > 9 ? std::strtoul(line.c_str() + 9, nullptr, 10) : 20;
      show_list(query);
    } else if (line.starts_with("/search ")) {
      HistoryQuery query;
      query.match = line.substr(8);
      show_list(query);
    } else {
      console_->write(line == "/help" ? std::string(help)
                                      : "  There is no command " + printable(line) + ". /help shows them.\n");
    }
  }

  void show_list(const HistoryQuery& query) {
    auto list = messenger_.lease()->history(self_, query);
    if (list.empty()) console_->write("  Nothing found.\n");
    for (auto m = list.rbegin(); m != list.rend(); ++m) show(*m, "");
  }

  void on_event(const Event& event) {
    const bool ours = event.account == self_ && event.message.conversation == peer_;
    if (!ours) return;
    const Message& m = event.message;
    if (event.kind == Event::Kind::message_added && m.direction == Direction::incoming) {
      last_shown_ = m.id;
      show(m, "");
      if (trace_always_) show_trace(m.id);
      messenger_.lease()->mark_read(self_, m.id);
    } else if (event.kind == Event::Kind::message_changed && m.direction == Direction::outgoing) {
      last_shown_ = m.id;
      if (m.state == MessageState::sent) show(m, " ✓");
      if (m.state == MessageState::failed) console_->write("  ! Not sent: " + printable(m.failure) + "\n");
      if (m.state == MessageState::queued && !m.failure.empty() && m.failure != trouble_)
        console_->write("  … not sent yet: " + printable(m.failure) + "\n");
      trouble_ = m.state == MessageState::queued ? m.failure : std::string();
      if (trace_always_) show_trace(m.id);
    }
  }

  void show(const Message& m, std::string_view mark) {
    const bool own = m.direction == Direction::outgoing;
    console_->write(fmt::format("{} {:>5} {} {}{}\n", clock_text(m.sent_at), own ? "you" : "peer", own ? "›" : "‹",
                                printable(m.text), mark));
  }

  void show_trace(MessageId id) {
    if (id == 0) return console_->write("  No message yet.\n");
    auto steps = messenger_.lease()->trace(self_, id);
    for (const TraceStep& step : steps) {
      const double ms = std::chrono::duration<double, std::milli>(step.at - steps.front().at).count();
      console_->write(fmt::format("      {:>9.1f} ms  {:<8} {}\n", ms, step.stage, printable(step.detail)));
    }
  }

  std::string name_of_peer() {
    for (const Conversation& c : messenger_.lease()->conversations(self_))
      if (c.peer == peer_ && !c.name.empty()) return printable(c.name);
    return peer_.brief();
  }

  Context* ctx_ = nullptr;
  Handle<Messenger> messenger_;
  AccountId self_, peer_;
  std::unique_ptr<Console> console_;
  Subscription events_;
  MessageId last_shown_ = 0;
  bool trace_always_ = false;
  std::string trouble_;  ///< said already: a message that waits tries often
};

}  // namespace
}  // namespace argot::terminal

ARGOT_PLUGIN(argot::terminal::Terminal,
             {.name = "terminal",
              .version = "1.0.0",
              .summary = "A conversation in the terminal, line by line",
              .needs = "messenger/1 network/1",
              .options = {
                  argot::Option{.name = "peer", .required = true, .help = "account ID to talk to"},
                  argot::Option{.name = "account", .help = "own account ID; the first unlocked one if left out"},
                  argot::Option{.name = "console", .fallback = "stdio:", .help = "network address of the terminal"},
                  argot::Option{.name = "trace",
                                .type = argot::OptionType::flag,
                                .fallback = "false",
                                .help = "show where each message has been"}}})
