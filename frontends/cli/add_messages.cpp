// argot send | download | history | conversations | trace | watch
#include "commands.h"
#include "live.h"
#include "print.h"

#include <argot/doorbell.h>
#include <fmt/format.h>
#include <boost/json.hpp>

#include <unistd.h>

namespace argot::cli {
namespace {

struct MessageOptions {
  std::string profile, passphrase_file, account, peer, text, match;
  std::vector<std::string> sets, files, voices;
  bool as_is = false;
  std::size_t limit = 20, number = 1;
  std::string to;
  std::int64_t message = 0;
  double wait_seconds = 30;
};

Task<AccountId> opened(Messenger& messenger, const MessageOptions& options) {
  const AccountId id = choose_account(messenger, options.account);
  std::string passphrase = read_secret_text(options.passphrase_file);
  co_await messenger.unlock(id, std::move(passphrase));
  co_return id;
}

/// Tells how files move: to people who watch a terminal, and to programs, a line of JSON each.
Subscription show_transfers(Messenger& messenger, const Common& common) {
  const bool person = !common.json && ::isatty(STDERR_FILENO);
  return messenger.subscribe([person, json = common.json](const Event& event) {
    if (event.kind != Event::Kind::file_moved) return;
    if (json) print_transfer(event);
    if (!person) return;
    const FileTransfer& t = event.transfer;
    fmt::print(stderr, "\r{} file {}: {} KiB{}\033[K{}", t.upload ? "sending" : "fetching", t.index + 1, t.done / 1024,
               t.total ? fmt::format(" of {}", (t.total + 1023) / 1024) : "", t.done == t.total ? "\n" : "");
    std::fflush(stderr);
  });
}

Task<int> send(kernel::Kernel& kernel, const MessageOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId self = co_await opened(*messenger, options);
  const AccountId peer = AccountId::parse(options.peer);
  Draft draft(options.text);
  for (const std::string& path : options.files) draft.files.emplace_back().path = path;
  for (const std::string& path : options.voices) {
    DraftFile& note = draft.files.emplace_back();
    note.path = path;
    note.voice = true;
  }
  for (DraftFile& file : draft.files) file.as_it_is = options.as_is;
  const Subscription watching = show_transfers(*messenger, common);
  const MessageId id = messenger->send(self, peer, std::move(draft));
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

/// The sender chose the name: what remains of it is a name in this folder and nothing else.
std::filesystem::path place_for(const MessageOptions& options, const Attachment& file) {
  namespace fs = std::filesystem;
  std::string name = fs::path(file.file_name).filename().string();
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; });
  while (name.starts_with('.')) name.erase(0, 1);
  if (name.empty() || name.size() > 200) name = fmt::format("file-{}-{}", options.message, options.number);
  if (options.to.empty()) return name;
  std::error_code none;
  return fs::is_directory(options.to, none) ? fs::path(options.to) / name : fs::path(options.to);
}

Task<int> download(kernel::Kernel& kernel, const MessageOptions& options, const Common& common) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId self = co_await opened(*messenger, options);
  const auto message = messenger->find(self, options.message);
  if (!message || options.number < 1 || options.number > message->attachments.size())
    throw Error(Code::not_found,
                message ? fmt::format("Message number {} has {} file(s).", options.message, message->attachments.size())
                        : fmt::format("There is no message number {}.", options.message),
                "Look at the conversation.");
  const std::filesystem::path to = place_for(options, message->attachments[options.number - 1]);
  const Subscription watching = show_transfers(*messenger, common);
  co_await messenger->download(self, options.message, options.number - 1, to);
  if (common.json)
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"file", to.string()}}));
  else
    fmt::print("{}\n", to.string());
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
    if (event.account != self) return;
    const bool typing = event.kind == Event::Kind::typing && common.json;
    if (event.kind != Event::Kind::message_added && !typing) return;
    bool read = true;
    try {
      if (typing)
        print_typing(event);
      else
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
  auto* sending = add("send", "send a text, files, or both", send);
  sending->add_option("PEER", o->peer, "account ID of the receiver")->required();
  sending->add_option("TEXT", o->text, "the message; with files it may be left out");
  sending->add_flag("--as-is", o->as_is, "send files byte for byte, with all they say of who made them, and where");
  sending->add_option("--voice", o->voices, "a recording (WAV, Ogg Opus) to send as a voice note")
      ->allow_extra_args(false);
  sending->add_option("-f,--file", o->files, "a file to send along; more than once for several")
      ->allow_extra_args(false);
  sending->add_option("--wait", o->wait_seconds, "seconds to wait for the network")->capture_default_str();
  auto* fetching = add("download", "fetch a file of a message", download);
  fetching->add_option("MESSAGE", o->message, "its number, as history shows it")->required();
  fetching->add_option("N", o->number, "which of its files")->capture_default_str();
  fetching->add_option("--to", o->to, "the file to write, or the folder; default: its own name, in this folder");
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
