// argot send | history | conversations | trace | watch
#include "commands.h"
#include "live.h"
#include "print.h"

#include <argot/doorbell.h>
#include <fmt/format.h>

namespace argot::cli {
namespace {

struct MessageOptions {
  std::string profile, passphrase_file, account, peer, text, match;
  std::vector<std::string> sets;
  std::size_t limit = 20;
  std::int64_t message = 0;
  double wait_seconds = 30;
};

Task<AccountId> opened(Messenger& messenger, const MessageOptions& options) {
  const AccountId id = choose_account(messenger, options.account);
  std::string passphrase = read_secret_text(options.passphrase_file);
  co_await messenger.unlock(id, std::move(passphrase));
  co_return id;
}

Task<int> send(kernel::Kernel& kernel, const MessageOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId self = co_await opened(*messenger, options);
  const AccountId peer = AccountId::parse(options.peer);
  const MessageId id = messenger->send(self, peer, options.text);
  // The message is safe in the outbox; wait so that a short-lived process gets it out.
  const auto settled = co_await wait_for(kernel, self, id, options.wait_seconds);
  if (!settled) {
    const auto waiting = messenger->find(self, id);
    fmt::print(stderr, "argot: The message waits in the outbox; the network did not take it within {} s. {}\n",
               options.wait_seconds,
               waiting && !waiting->failure.empty() ? waiting->failure : "No node has answered yet.");
    co_return 3;
  }
  print_message(common.json, *settled);
  if (settled->state == MessageState::failed) co_return 1;
  // The copy for one's other devices follows. If it does not get out it waits for the next time, and nothing is lost.
  std::fflush(stdout);
  co_await wait_for_outbox(kernel, self, std::min(options.wait_seconds, 3.0));
  co_return 0;
}

Task<int> history(kernel::Kernel& kernel, const MessageOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId self = co_await opened(*messenger, options);
  HistoryQuery query;
  if (!options.peer.empty()) query.conversation = AccountId::parse(options.peer);
  query.match = options.match;
  query.limit = options.limit;
  const auto list = messenger->history(self, query);
  for (auto m = list.rbegin(); m != list.rend(); ++m) print_message(common.json, *m);
  co_return 0;
}

Task<int> conversations(kernel::Kernel& kernel, const MessageOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId self = co_await opened(*messenger, options);
  for (const Conversation& c : messenger->conversations(self)) print_conversation(common.json, c);
  co_return 0;
}

Task<int> trace(kernel::Kernel& kernel, const MessageOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId self = co_await opened(*messenger, options);
  print_trace(common.json, messenger->trace(self, options.message));
  co_return 0;
}

Task<int> watch(kernel::Kernel& kernel, const MessageOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId self = co_await opened(*messenger, options);
  auto subscription = messenger->subscribe([self, &common, &kernel](const Event& event) {
    if (event.kind != Event::Kind::message_added || event.account != self) return;
    bool read = true;
    try {
      print_message(common.json, event.message);
    } catch (const std::system_error&) {
      read = false;
    }
    if (!read || std::fflush(stdout) != 0) kernel.request_stop(0);  // `argot watch | head`: nobody reads any more
  });
  const int code = co_await kernel.wait_for_stop();
  co_return code == 130 ? 0 : code;
}

}  // namespace

void add_messages(CLI::App& app, Common& common) {
  auto o = std::make_shared<MessageOptions>();
  auto add = [&app, o, &common](const char* name, const char* help,
                                Task<int> (*main)(kernel::Kernel&, const MessageOptions&, const Common&)) {
    auto* verb = app.add_subcommand(name, help);
    verb->add_option("-p,--profile", o->profile, "profile file");
    verb->add_option("--set", o->sets, "change a value of the profile")->allow_extra_args(false);
    verb->add_option("--account", o->account, "own account ID or its beginning");
    verb->add_option("--passphrase-file", o->passphrase_file, "file with the passphrase (-: standard input)");
    verb->callback([o, main, &common] {
      common.exit_code =
          run_live(profile_of(o->profile, o->sets), [&](kernel::Kernel& k) { return main(k, *o, common); });
    });
    return verb;
  };
  auto* sending = add("send", "send a text message", send);
  sending->add_option("PEER", o->peer, "account ID of the receiver")->required();
  sending->add_option("TEXT", o->text, "the message")->required();
  sending->add_option("--wait", o->wait_seconds, "seconds to wait for the network")->capture_default_str();
  auto* reading = add("history", "messages of a conversation, or of all", history);
  reading->add_option("PEER", o->peer, "account ID of the peer");
  reading->add_option("-n,--limit", o->limit, "how many")->capture_default_str();
  reading->add_option("--match", o->match, "only messages with these words");
  add("conversations", "conversations, most recent first", conversations);
  add("trace", "where a message has been, and when", trace)
      ->add_option("MESSAGE", o->message, "its number")
      ->required();
  add("watch", "print messages as they come, until stopped", watch);
}

}  // namespace argot::cli
