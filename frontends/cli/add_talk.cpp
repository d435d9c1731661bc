// argot reply | edit | react | unsend | delete | read | disappear | request | block | keep | verify | screenshot | name
// | privacy
#include "commands.h"
#include "live.h"
#include "print.h"

#include <argot/doorbell.h>
#include <fmt/format.h>

namespace argot::cli {
namespace {

struct TalkOptions {
  std::string profile, passphrase_file, account, peer, text, mode;
  std::vector<std::string> sets;
  std::int64_t message = 0;
  std::uint32_t seconds = 0;
  bool off = false;
  double wait_seconds = 30;
};

using Act = std::function<void(Messenger&, const AccountId&, const TalkOptions&)>;

/// Does it, and gives the outbox the time to send what it has made: this process ends afterwards.
Task<int> act(kernel::Kernel& kernel, const TalkOptions& options, Act what) {
  auto messenger = kernel.service<Messenger>().lease();
  const AccountId self = choose_account(*messenger, options.account);
  std::string passphrase = read_secret_text(options.passphrase_file);
  co_await messenger->unlock(self, std::move(passphrase));
  what(*messenger, self, options);
  const bool sent = co_await wait_for_outbox(kernel, self, options.wait_seconds);
  if (sent) co_return 0;
  fmt::print(stderr, "argot: It is done here and waits in the outbox; the network did not take it within {} s.\n",
             options.wait_seconds);
  co_return 3;
}

AccountId peer_of(const TalkOptions& o) { return AccountId::parse(o.peer); }

bool is_on(const std::string& word, const char* what) {
  if (word == "on") return true;
  if (word == "off") return false;
  throw Error(Code::invalid_argument, std::string(what) + " is on or off, not \"" + word + "\".", "Say on or off.");
}

void disappear(Messenger& m, const AccountId& self, const TalkOptions& o) {
  Disappearing timer;
  if (o.mode == "after-read") timer.mode = Disappearing::Mode::after_read;
  if (o.mode == "after-send") timer.mode = Disappearing::Mode::after_send;
  timer.seconds = o.seconds;
  if (o.mode != "off" && o.seconds == 0)
    throw Error(Code::invalid_argument, "After how many seconds is not said.", "Add the number of seconds.");
  m.set_disappearing(self, peer_of(o), timer);
}

void privacy(Messenger& m, const AccountId& self, const TalkOptions& o) {
  Privacy privacy = m.privacy(self);
  (o.mode == "receipts" ? privacy.read_receipts
   : o.mode == "typing" ? privacy.typing
                        : privacy.saved_media) = is_on(o.text, "A privacy setting");
  m.set_privacy(self, privacy);
}

void keep(Messenger& m, const AccountId& self, const TalkOptions& o) {
  Keeping keeping;
  for (const Conversation& c : m.conversations(self))
    if (c.peer == peer_of(o)) keeping = c.keeping;
  const bool on = is_on(o.text, "How a conversation is kept");
  (o.mode == "pinned"     ? keeping.pinned
   : o.mode == "muted"    ? keeping.muted
   : o.mode == "archived" ? keeping.archived
   : o.mode == "unread"   ? keeping.marked_unread
                          : keeping.verified) = on;
  m.set_keeping(self, peer_of(o), keeping);
}

}  // namespace

void add_talk(CLI::App& app, Common& common) {
  auto o = std::make_shared<TalkOptions>();
  auto add = [o, &common](CLI::App& to, const char* name, const char* help, Act what) {
    auto* verb = to.add_subcommand(name, help);
    verb->add_option("-p,--profile", o->profile, "profile file");
    verb->add_option("--set", o->sets, "change a value of the profile")->allow_extra_args(false);
    verb->add_option("--account", o->account, "own account ID or its beginning");
    verb->add_option("--passphrase-file", o->passphrase_file, "file with the passphrase (-: standard input)");
    verb->add_option("--wait", o->wait_seconds, "seconds to wait for the network")->capture_default_str();
    verb->callback([o, what = std::move(what), &common] {
      common.exit_code = run_live(profile_of(o->profile, o->sets), [&](kernel::Kernel& k) { return act(k, *o, what); });
    });
    return verb;
  };
  auto message = [o](CLI::App* verb) {
    verb->add_option("MESSAGE", o->message, "its number, as history shows it")->required();
  };
  auto peer = [o](CLI::App* verb) { verb->add_option("PEER", o->peer, "account ID of the peer")->required(); };

  auto* reply =
      add(app, "reply", "answer a message", [&common](Messenger& m, const AccountId& self, const TalkOptions& t) {
        const auto original = m.find(self, t.message);
        if (!original)
          throw Error(Code::not_found, "There is no message number " + std::to_string(t.message) + ".",
                      "Look at the conversation.");
        const MessageId id = m.send(self, original->conversation, Draft(t.text, t.message));
        if (const auto sent = m.find(self, id)) print_message(common.json, *sent);
      });
  message(reply);
  reply->add_option("TEXT", o->text, "the answer")->required();

  auto* edit = add(app, "edit", "replace the text of an own message",
                   [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.edit(self, t.message, t.text); });
  message(edit);
  edit->add_option("TEXT", o->text, "the new text")->required();

  auto* react =
      add(app, "react", "add an emoji to a message, or take it away",
          [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.react(self, t.message, t.text, !t.off); });
  message(react);
  react->add_option("EMOJI", o->text, "one emoji")->required();
  react->add_flag("--remove", o->off, "take it away");

  message(add(app, "unsend", "take an own message back, from everybody",
              [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.unsend(self, t.message); }));
  message(add(app, "delete", "remove a message here and nowhere else",
              [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.erase(self, t.message); }));
  message(add(app, "read", "mark a message and all before it in its conversation as read",
              [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.mark_read(self, t.message); }));

  auto* vanish = add(app, "disappear", "let new messages of a conversation disappear after some time", disappear);
  peer(vanish);
  vanish->add_option("MODE", o->mode, "after-send, after-read or off")
      ->required()
      ->check(CLI::IsMember({"after-send", "after-read", "off"}));
  vanish->add_option("SECONDS", o->seconds, "after how many seconds");

  auto* request = app.add_subcommand("request", "message requests: accept or decline one");
  request->require_subcommand(1);
  peer(add(*request, "accept", "accept it, and tell so",
           [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.accept(self, peer_of(t)); }));
  peer(add(*request, "decline", "remove what was written; tell nobody",
           [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.decline(self, peer_of(t)); }));

  auto* block =
      add(app, "block", "drop what a person sends from now on",
          [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.block(self, peer_of(t), !t.off); });
  peer(block);
  block->add_flag("--undo", o->off, "no more");

  auto* keeping =
      add(app, "keep", "pin, mute, archive, mark as unread or as verified a conversation, or undo it", keep);
  peer(keeping);
  keeping->add_option("HOW", o->mode, "pinned, muted, archived, unread or verified")
      ->required()
      ->check(CLI::IsMember({"pinned", "muted", "archived", "unread", "verified"}));
  keeping->add_option("SETTING", o->text, "on or off")->required();

  peer(add(app, "verify", "show the emoji to compare with a person over another way",
           [&common](Messenger& m, const AccountId& self, const TalkOptions& t) {
             const std::string emoji = m.verification(self, peer_of(t));
             if (common.json)
               fmt::print("{{\"peer\":\"{}\",\"emoji\":\"{}\"}}\n", peer_of(t).text(), emoji);
             else
               fmt::print("{}\n", emoji);
           }));

  peer(add(app, "screenshot", "tell a person that one took a screenshot of the conversation",
           [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.tell_screenshot(self, peer_of(t)); }));

  add(app, "name", "what one calls oneself; empty: nothing",
      [](Messenger& m, const AccountId& self, const TalkOptions& t) { m.set_profile_name(self, t.text); })
      ->add_option("NAME", o->text, "the name")
      ->required();

  auto* open =
      add(app, "privacy", "whether others learn what one has read, that one types, and which of their files one saved",
          privacy);
  open->add_option("WHAT", o->mode, "receipts, typing or saved")
      ->required()
      ->check(CLI::IsMember({"receipts", "typing", "saved"}));
  open->add_option("SETTING", o->text, "on or off")->required();
}

}  // namespace argot::cli
