// argot demo: a private network on this machine, two accounts, an echo bot, and a conversation with it.
#include "children.h"
#include "commands.h"
#include "live.h"
#include "local_network.h"
#include "print.h"
#include "process.h"

#include <argot/doorbell.h>
#include <fmt/format.h>

#include <cstdio>
#include <deque>

namespace argot::cli {
namespace {

struct DemoOptions {
  std::string dir;
  std::size_t nodes = 14;
  bool once = false, trace = false;
  double patience_seconds = 30;
};

/// The account of a profile: the one made before, or a new one, whose phrase is shown this one time.
AccountId account_in(const std::filesystem::path& data, std::string_view whose) {
  AccountId id;
  kernel::Profile profile = profile_of({}, {}, Offline::built_in);  // the network is not there yet
  profile.data = data;
  run_live(std::move(profile), [&](kernel::Kernel& kernel) -> Task<int> {
    auto messenger = kernel.service<Messenger>().lease();
    const auto accounts = messenger->accounts();
    if (!accounts.empty()) {
      id = accounts.front().id;
      fmt::print("{:<8} {}\n", whose, id.text());
      co_return 0;
    }
    std::string phrase, none;
    const AccountInfo made = co_await messenger->create_account(std::move(none), &phrase);
    id = made.id;
    fmt::print("{:<8} {}   (new)\n         {}\n", whose, id.text(), phrase);
    co_return 0;
  });
  return id;
}

/// The texts of the fixed exchange: what tends to break.
std::vector<std::string> fixed_texts() {
  std::string long_text;
  while (long_text.size() < 2000) long_text += fmt::format("{:04d} bottles on the wall, ", long_text.size());
  long_text.resize(2000);
  return {"Hello", long_text, "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u0301 \U0001F1EA\U0001F1FA",
          "שלום עולם، مرحبا بالعالم ← right to left"};
}

class Exchange {
 public:
  Exchange(kernel::Kernel& kernel, AccountId self, AccountId peer, const DemoOptions& options, bool json)
      : kernel_(kernel),
        self_(self),
        peer_(peer),
        options_(options),
        json_(json),
        bell_(kernel.host().context("messenger", "messenger")) {}

  Task<int> run() {
    messenger_ = kernel_.service<Messenger>();
    events_ = messenger_.lease()->subscribe([this](const Event& event) {
      if (event.kind == Event::Kind::message_added && event.message.direction == Direction::incoming &&
          event.message.conversation == peer_)
        arrived_.push_back(event.message);
      bell_.ring();
    });
    for (const std::string& text : fixed_texts()) co_await one(text);
    if (!json_) fmt::print("\nEvery message arrived as it was sent.\n");
    co_return 0;
  }

 private:
  Task<> one(std::string text) {
    const std::string label = text.size() > 100 ? fmt::format("{}… ({} bytes)", text.substr(0, 40), text.size()) : text;
    if (!json_) fmt::print("\n› {}\n", label);
    const MessageId sent = messenger_.lease()->send(self_, peer_, text);
    const auto settled = co_await wait_for(kernel_, self_, sent, options_.patience_seconds);
    if (!settled)
      throw Error(Code::timeout, "The message \"" + label + "\" was not stored by any node in time.",
                  "See the logs of the nodes.");
    if (settled->state == MessageState::failed)
      throw Error(Code::unavailable, "The message \"" + label + "\" failed: " + settled->failure,
                  "See the logs of the nodes.");
    print_trace(json_, messenger_.lease()->trace(self_, sent));
    Context& ctx = kernel_.host().context("messenger", "messenger");
    const Duration end = ctx.uptime() + Duration(std::int64_t(options_.patience_seconds * 1e6));
    while (arrived_.empty() && ctx.uptime() < end) co_await bell_.wait(end);
    if (arrived_.empty())
      throw Error(Code::timeout, "No answer to \"" + label + "\" came in time.", "See the log of the echo bot.");
    const Message answer = arrived_.front();
    arrived_.pop_front();
    if (answer.text != text)
      throw Error(Code::corrupt, "What arrived is not what was sent: \"" + answer.text.substr(0, 80) +
                                     "\" instead of \"" + label + "\".");
    if (!json_) fmt::print("‹ the same, {} bytes\n", answer.text.size());
    print_trace(json_, messenger_.lease()->trace(self_, answer.id));
    std::fflush(stdout);
  }

  kernel::Kernel& kernel_;
  AccountId self_, peer_;
  const DemoOptions& options_;
  bool json_;
  Handle<Messenger> messenger_;
  Doorbell bell_;
  Subscription events_;
  std::deque<Message> arrived_;
};

int demo(const DemoOptions& options, bool json) {
  LocalNetwork files(options.dir);
  files.take();
  LocalNetwork::Plan plan;
  plan.nodes = options.nodes;
  files.prepare(plan);
  fmt::print("A private network of {} service nodes in {}\n", options.nodes, files.dir().string());
  Children children;
  for (std::size_t i : files.all_nodes())
    children.start(fmt::format("node {}", i), {"run", files.node_profile(i).string()}, files.node_log(i));
  children.start("the file server", {"run", files.file_server_profile().string()}, files.log("file-server"));
  const AccountId you = account_in(files.client_data("you"), "you");
  const AccountId echo = account_in(files.client_data("echo"), "echo bot");
  for (int waited = 0; !files.gather_nodes(files.all_nodes()) || files.file_server().empty(); ++waited) {
    children.check();
    if (waited > 50 * int(options.patience_seconds))
      throw Error(Code::timeout, "The service nodes or the file server did not start in time.",
                  "See the logs in " + files.dir().string() + ".");
    pause_ms(20);
  }
  for (const char* name : {"you", "echo"}) files.add_client(name);
  children.start("the echo bot", {"run", files.client_profile("echo").string(), "--set", "app=echo"},
                 files.log("echo"));
  std::fflush(stdout);

  kernel::Profile profile = kernel::Profile::load(files.client_profile("you"));
  if (options.once)
    return run_live(std::move(profile), [&](kernel::Kernel& kernel) -> Task<int> {
      Exchange exchange(kernel, you, echo, options, json);
      co_return co_await exchange.run();
    });
  profile.set("app=terminal");
  profile.set("app.terminal.peer=" + echo.text());
  if (options.trace) profile.set("app.terminal.trace=true");
  return run_live(std::move(profile), {}, Control::yes);
}

}  // namespace

void add_demo(CLI::App& app, Common& common) {
  auto* verb = app.add_subcommand(
      "demo", "a private network on this machine, two accounts, and a conversation with an echo bot");
  auto o = std::make_shared<DemoOptions>();
  o->dir = LocalNetwork::usual_dir("demo").string();
  verb->add_flag("--once", o->once, "a fixed exchange without a terminal; exit code 0 if all arrived as sent");
  verb->add_flag("--trace", o->trace, "show where each message has been");
  verb->add_option("--dir", o->dir, "where the network and the accounts are kept")->capture_default_str();
  verb->add_option("--nodes", o->nodes, "how many service nodes; with fewer than 9, no onion requests")
      ->capture_default_str()
      ->check(CLI::Range(1, 250));
  verb->add_option("--patience", o->patience_seconds, "seconds to wait for each step")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 3600.0));
  verb->callback([o, &common] {
    const int code = demo(*o, common.json);
    common.exit_code = code == 130 ? 0 : code;
  });
}

}  // namespace argot::cli
