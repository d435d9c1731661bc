#include "fake_messenger.h"

#include <boost/asio/post.hpp>

namespace argot::kit {
namespace {

AccountId test_account(Byte fill) {
  Fixed<32> key;
  key.fill(fill);
  return AccountId(AccountId::person, key);
}

}  // namespace

FakeMessenger::FakeMessenger(BareContext& ctx)
    : self(test_account(0x11)),
      peer(test_account(0x22)),
      ctx_(ctx),
      subscribers_(std::make_shared<std::map<int, std::function<void(const Event&)>>>()) {
  instance_.object = static_cast<Messenger*>(this);
  Slot& slot = ctx.provided[std::string(interface_id)];
  slot.current = &instance_;
  slot.interface_id = interface_id;
  slot.provider = "fake";
}

FakeMessenger::~FakeMessenger() { ctx_.provided[std::string(interface_id)].current = nullptr; }

void FakeMessenger::check(const AccountId& account) const {
  if (account != self) throw Error(Code::not_found, "The account " + account.brief() + " is not unlocked here.");
}

Message FakeMessenger::add(Message message) {
  message.id = static_cast<MessageId>(messages_.size()) + 1;
  message.account = self;
  message.conversation = peer;
  message.sent_at = ctx_.now();
  messages_.push_back(message);
  Event event;
  event.sequence = ++events_;
  event.message = message;
  event.account = self;
  asio::post(ctx_.executor(), [subscribers = subscribers_, event] {
    const auto all = *subscribers;  // one of them may end its subscription meanwhile
    for (const auto& [number, hear] : all)
      if (subscribers->contains(number)) hear(event);
  });
  return message;
}

Message FakeMessenger::receive(std::string text) {
  Message message;
  message.author = peer;
  message.text = std::move(text);
  return add(std::move(message));
}

MessageId FakeMessenger::send(const AccountId& account, const AccountId& to, Draft draft) {
  check(account);
  if (to != peer) throw Error(Code::not_found, "This messenger knows one peer only.");
  if (draft.text.empty()) throw Error(Code::invalid_argument, "The message is empty.", "Write something.");
  Message message;
  message.author = self;
  message.direction = Direction::outgoing;
  message.state = MessageState::sent;
  message.text = std::move(draft.text);
  return add(std::move(message)).id;
}

std::vector<Message> FakeMessenger::sent() const {
  std::vector<Message> out;
  for (const Message& m : messages_)
    if (m.direction == Direction::outgoing) out.push_back(m);
  return out;
}

std::optional<Message> FakeMessenger::find(const AccountId& account, MessageId message) {
  check(account);
  if (message < 1 || message > static_cast<MessageId>(messages_.size())) return std::nullopt;
  return messages_[static_cast<std::size_t>(message) - 1];
}

std::vector<Message> FakeMessenger::history(const AccountId& account, const HistoryQuery& query) {
  check(account);
  std::vector<Message> out;
  for (const Message& m : messages_)
    if ((!query.before || m.id < *query.before) && (!query.after || m.id > *query.after)) out.push_back(m);
  if (!query.after) std::reverse(out.begin(), out.end());
  if (out.size() > query.limit) out.resize(query.limit);
  return out;
}

std::vector<Conversation> FakeMessenger::conversations(const AccountId& account) {
  check(account);
  Conversation one;
  one.peer = peer;
  one.name = name_;
  one.blocked = blocked_;
  one.keeping = keeping_;
  for (const Message& m : messages_) one.unread += m.state == MessageState::received ? 1 : 0;
  return {one};
}

void FakeMessenger::mark_read(const AccountId& account, MessageId up_to) {
  check(account);
  for (Message& m : messages_)
    if (m.id <= up_to && m.state == MessageState::received) m.state = MessageState::read;
}

Subscription FakeMessenger::subscribe(std::function<void(const Event&)> on_event) {
  const int number = ++subscriptions_;
  subscribers_->emplace(number, std::move(on_event));
  return Subscription([subscribers = subscribers_, number] { subscribers->erase(number); });
}

Task<AccountInfo> FakeMessenger::create_account(std::string, std::string*) {
  throw Error(Code::already_exists, "This messenger has one account only.");
}
Task<AccountInfo> FakeMessenger::restore_account(std::string, std::string) {
  throw Error(Code::already_exists, "This messenger has one account only.");
}
Task<AccountInfo> FakeMessenger::unlock(AccountId account, std::string) {
  check(account);
  AccountInfo info{self, true};
  co_return info;
}
Task<> FakeMessenger::lock(AccountId) { co_return; }
std::string FakeMessenger::recovery_phrase(const AccountId&) {
  throw Error(Code::not_found, "This account has no recovery phrase.");
}

Task<> FakeMessenger::download(AccountId, MessageId message, std::size_t, std::filesystem::path) {
  throw Error(Code::not_found, "Message number " + std::to_string(message) + " has no files.");
}

}  // namespace argot::kit
