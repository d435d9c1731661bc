#pragma once
// What front ends, bots and bridges use: accounts, conversations, messages, events. Provided by the kernel.
#include <argot/identity.h>
#include <argot/storage.h>
#include <argot/suite.h>
#include <argot/transport.h>

#include <functional>

namespace argot {

struct AccountInfo {
  AccountId id;
  bool unlocked = false;
};

/// One way-point of a message: queued, sealed, stored, fetched, shown.
struct TraceStep {
  std::string stage;
  Time at{};
  std::string detail;  ///< which suite, which node; never content
};

struct Message {
  MessageId id = 0;
  AccountId account;       ///< whose store it is in
  AccountId conversation;  ///< the peer
  AccountId author;
  Time sent_at{};
  Direction direction = Direction::incoming;
  MessageState state = MessageState::received;
  std::string text;
  std::string suite;
  std::string failure;
};

struct Conversation {
  AccountId peer;
  std::string name;
  bool approved = false, blocked = false;
  std::int64_t unread = 0;
  Time last_active{};
};

/// Something happened to an account. Events of one kernel are numbered without gaps.
struct Event {
  enum class Kind : std::uint8_t { message_added, message_changed, conversation_changed, account_changed };
  std::uint64_t sequence = 0;
  Kind kind = Kind::message_added;
  Message message;            ///< for the message kinds
  Conversation conversation;  ///< for conversation_changed
  AccountId account;
};

struct HistoryQuery {
  AccountId conversation;  ///< zero: all
  std::string match;
  std::optional<MessageId> before, after;
  std::size_t limit = 50;
};

/// Ends the subscription when destroyed.
class ARGOT_API Subscription {
 public:
  Subscription() = default;
  explicit Subscription(std::function<void()> end) : end_(std::move(end)) {}
  Subscription(Subscription&& o) noexcept : end_(std::exchange(o.end_, nullptr)) {}
  Subscription& operator=(Subscription&& o) noexcept {
    std::swap(end_, o.end_);
    return *this;
  }
  ~Subscription() {
    if (end_) end_();
  }

 private:
  std::function<void()> end_;
};

class ARGOT_API Messenger {
 public:
  static constexpr std::string_view interface_id = "messenger/1";
  static constexpr std::string_view kind = "messenger";
  virtual ~Messenger();

  // --- accounts ---
  virtual std::vector<AccountInfo> accounts() = 0;
  /// Makes a new account; `phrase_out` receives the 13 words, the only time they are shown without asking.
  /// `passphrase` empty: the store's key is kept in a file that only this user can read.
  virtual Task<AccountInfo> create_account(std::string passphrase, std::string* phrase_out) = 0;
  /// Throws Error(invalid_argument) with the word that is wrong; Error(already_exists) when it is here.
  virtual Task<AccountInfo> restore_account(std::string phrase, std::string passphrase) = 0;
  /// Throws Error(unauthenticated) on a wrong passphrase, Error(already_exists) when another process has it.
  virtual Task<AccountInfo> unlock(AccountId account, std::string passphrase) = 0;
  virtual Task<> lock(AccountId account) = 0;
  /// The 13 words of an unlocked account.
  virtual std::string recovery_phrase(const AccountId& account) = 0;

  // --- conversations and messages; all throw Error(not_found) for an account that is not unlocked here ---
  /// Writes the message and its outbox entry in one transaction and returns its id at once; events tell the rest.
  /// Throws Error(invalid_argument) when the text is empty or over 2,000 code points, Error(resource_exhausted)
  /// when 10,000 messages wait already.
  virtual MessageId send(const AccountId& account, const AccountId& peer, std::string text) = 0;
  /// Tries a failed message again.
  virtual void retry(const AccountId& account, MessageId message) = 0;
  virtual std::optional<Message> find(const AccountId& account, MessageId message) = 0;
  /// Newest first, or oldest first from `after` on.
  virtual std::vector<Message> history(const AccountId& account, const HistoryQuery& query) = 0;
  virtual std::vector<Conversation> conversations(const AccountId& account) = 0;
  virtual void set_nickname(const AccountId& account, const AccountId& peer, std::string name) = 0;
  virtual void block(const AccountId& account, const AccountId& peer, bool blocked) = 0;
  /// Marks this message and every earlier one of its conversation as read.
  virtual void mark_read(const AccountId& account, MessageId up_to) = 0;
  /// Where a message has been, in time order.
  virtual std::vector<TraceStep> trace(const AccountId& account, MessageId message) = 0;

  // --- events ---
  /// `on_event` runs on the loop, after the change is durable, never from inside a call of the subscriber's own.
  virtual Subscription subscribe(std::function<void(const Event&)> on_event) = 0;
};

}  // namespace argot
