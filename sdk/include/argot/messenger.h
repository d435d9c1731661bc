#pragma once
// What front ends, bots and bridges use: accounts, conversations, messages, events. Provided by the kernel.
#include <argot/content.h>
#include <argot/identity.h>
#include <argot/storage.h>
#include <argot/suite.h>
#include <argot/transport.h>

#include <filesystem>
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

/// A file to be sent. Its bytes are in `path` or in `data`.
struct DraftFile {
  std::string name = {};            ///< as others see it; empty: the last part of `path`
  std::string content_type = {};    ///< MIME type; empty: application/octet-stream
  std::filesystem::path path = {};  ///< read when it is uploaded; has to stay as it is until then
  Bytes data = {};                  ///< kept in the account's store until it is uploaded
  bool voice = false;
  std::uint32_t width = 0, height = 0;
  /// Byte for byte. Otherwise a media plugin makes it fit to send (media.h): without what a picture says of its place
  /// and its camera, with a clean name and the type that its bytes have.
  bool as_it_is = false;
};

/// What a person writes.
struct Draft {
  std::string text;
  MessageId reply_to = 0;             ///< a message of the same conversation; 0: none
  std::vector<DraftFile> files = {};  ///< at most 32, of at most 10 MB each; with files the text may be empty
  Draft(std::string t, MessageId r = 0) : text(std::move(t)), reply_to(r) {}
  Draft(const char* t) : text(t) {}
};

/// When messages of a conversation disappear: `seconds` after they were sent, or after they were read.
struct Disappearing {
  using Mode = Content::Expiry;  ///< unknown: off
  Mode mode = Mode::unknown;
  std::uint32_t seconds = 0;
  bool on() const { return mode != Mode::unknown && seconds != 0; }
  bool operator==(const Disappearing&) const = default;
};

/// What others may learn of what one does. Receipts and typing count in both directions, as people expect: who does not
/// tell is not told.
struct Privacy {
  bool read_receipts = false;
  bool typing = false;
  bool saved_media = false;  ///< the author of a file is told when one downloads it
};

/// How one keeps a conversation. Nobody else learns of it.
struct Keeping {
  bool pinned = false;         ///< comes first
  bool muted = false;          ///< tells of nothing new
  bool archived = false;       ///< out of sight until something new comes, or for good if it is muted, too
  bool marked_unread = false;  ///< by hand, until it is read
  bool verified = false;       ///< the emoji of Messenger::verification were compared
  bool operator==(const Keeping&) const = default;
};

/// The message that a reply answers, as far as it is known.
struct Quoted {
  AccountId author;  ///< zero: the wire named nobody
  Time sent_at{};
  std::string text;  ///< of the message that is here; else as the sender repeated it; may be empty
};

/// One person's emoji on a message.
struct Reacted {
  AccountId author;
  std::string emoji;
  Time at{};
};

/// A person who is named in a text.
struct Mention {
  std::size_t offset = 0;  ///< of the "@" in Message::text, bytes; 67 bytes stand for it there
  AccountId id;
  std::string name;  ///< nickname, else what they call themselves; empty: not known
};

struct Message {
  /// deleted: its author took it back; the others are no texts but things that happened in the conversation.
  enum class Kind : std::uint16_t {
    text = 1,
    deleted = 2,
    timer_changed = 3,
    screenshot = 4,
    media_saved = 5,
    call = 6
  };
  /// What became of a call, as far as this account knows: another device of it may have answered or declined.
  enum class Call : std::uint8_t { missed = 0, declined = 1, answered = 2 };
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
  Kind kind = Kind::text;
  std::optional<Quoted> quote;
  std::vector<Reacted> reactions;  ///< in order of time
  std::vector<Attachment> attachments;
  std::vector<Preview> previews;  ///< of links that are in the text, and no others
  std::vector<Mention> mentions;  ///< in order
  bool mentions_me = false;
  Call call = Call::missed;  ///< for kind call
  Time edited_at{};          ///< the author's clock; zero: never edited
  Time expires_at{};         ///< this machine's clock; zero: not yet known, or never
  Disappearing timer;        ///< its own; for timer_changed: what it was changed to
};

/// How far one file of a message is on its way.
struct FileTransfer {
  std::size_t index = 0;  ///< in Message::attachments
  bool upload = false;
  std::uint64_t done = 0, total = 0;  ///< bytes of the encrypted file; done == total: it is there
};

struct Conversation {
  AccountId peer;
  std::string name;
  bool approved = false;          ///< we wrote to them or accepted their request; else it is a message request
  bool approved_by_peer = false;  ///< they wrote to us or accepted ours
  bool blocked = false;
  bool declined = false;     ///< a request that was declined: not to be shown until something new comes
  std::string profile_name;  ///< what they call themselves; without control characters, at most 100 bytes
  Disappearing timer;
  Keeping keeping;
  std::int64_t unread = 0;
  Time last_active{};
};

/// Something happened to an account. Events of one kernel are numbered without gaps.
struct Event {
  enum class Kind : std::uint8_t {
    message_added,
    message_changed,
    conversation_changed,
    account_changed,
    message_removed,  ///< disappeared or deleted here: `message` as it was, without text
    typing,           ///< the peer of `conversation` types until `typing_until`; nothing is kept of it
    file_moved        ///< `transfer` of `message`, of which only ids are told; nothing is kept of it
  };
  std::uint64_t sequence = 0;
  Kind kind = Kind::message_added;
  Message message;            ///< for the message kinds
  Conversation conversation;  ///< for conversation_changed, and its peer for typing
  Time typing_until{};        ///< zero: it has stopped
  FileTransfer transfer;      ///< for file_moved
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
  /// A first message to somebody whose request waits accepts it.
  /// Files are prepared and uploaded first, which goes on after a restart; other messages do not wait for them. A file
  /// that cannot be read or prepared, has changed or is refused fails the message; retry() uploads what is missing. To
  /// cancel: unsend().
  virtual MessageId send(const AccountId& account, const AccountId& peer, Draft draft) = 0;
  /// Tries a failed message again.
  virtual void retry(const AccountId& account, MessageId message) = 0;
  /// How much waits to be sent: messages, and what was done to messages and conversations.
  virtual std::size_t waiting(const AccountId& account) = 0;
  virtual std::optional<Message> find(const AccountId& account, MessageId message) = 0;
  /// Newest first, or oldest first from `after` on.
  virtual std::vector<Message> history(const AccountId& account, const HistoryQuery& query) = 0;
  /// Pinned ones first, then the most recently active.
  virtual std::vector<Conversation> conversations(const AccountId& account) = 0;
  virtual void set_nickname(const AccountId& account, const AccountId& peer, std::string name) = 0;
  virtual void block(const AccountId& account, const AccountId& peer, bool blocked) = 0;
  /// Marks this message and every earlier one of its conversation as read.
  /// Tells their author if Privacy allows, and starts the timers of what disappears after reading.
  virtual void mark_read(const AccountId& account, MessageId up_to) = 0;

  /// Fetches a file of a message, checks and decrypts it, and writes it to `to`, which appears when it is whole and is
  /// never overwritten: Error(already_exists). Nothing is ever fetched without being asked for. To cancel, cancel the
  /// coroutine that waits. Throws Error: not_found (no such message or file, or its server has it no more),
  /// unauthenticated or corrupt (not what its sender encrypted), invalid_argument (a pointer that cannot be one),
  /// resource_exhausted (too large, disk full), unavailable or timeout (try again).
  virtual Task<> download(AccountId account, MessageId message, std::size_t index, std::filesystem::path to) = 0;

  // --- what is done to messages: kept at once, sent by the outbox. Error(not_found) when there is no such message,
  // --- Error(invalid_argument) when it is not of a kind that this can be done to, or not one's own where it must be
  // ---
  /// Replaces the text of an own message.
  virtual void edit(const AccountId& account, MessageId message, std::string text) = 0;
  /// Adds an emoji (at most 64 bytes), or takes it away.
  virtual void react(const AccountId& account, MessageId message, std::string emoji, bool add = true) = 0;
  /// Takes an own message back, from everybody: a mark stays in its place.
  virtual void unsend(const AccountId& account, MessageId message) = 0;
  /// Removes a message here and nowhere else.
  virtual void erase(const AccountId& account, MessageId message) = 0;

  // --- what is done to conversations ---
  /// Tells the peer too. Off: Disappearing().
  virtual void set_disappearing(const AccountId& account, const AccountId& peer, Disappearing timer) = 0;
  /// Accepts a message request, and tells so.
  virtual void accept(const AccountId& account, const AccountId& peer) = 0;
  /// Removes what was written and hides the conversation; tells nobody.
  virtual void decline(const AccountId& account, const AccountId& peer) = 0;
  /// Tells the peer that one took a screenshot of the conversation. Nobody is told without this call.
  virtual void tell_screenshot(const AccountId& account, const AccountId& peer) = 0;
  virtual void set_keeping(const AccountId& account, const AccountId& peer, Keeping keeping) = 0;
  /// Twelve emoji that are the same on both sides, to be compared over another way: who sees the same talks to this
  /// account and to nobody in between.
  virtual std::string verification(const AccountId& account, const AccountId& peer) = 0;
  /// Sent once if the peer is approved and Privacy allows; never kept nor repeated. While somebody goes on typing, call
  /// it every ten seconds.
  virtual void set_typing(const AccountId& account, const AccountId& peer, bool started) = 0;
  /// What one calls oneself: sent with what one writes from now on. At most 100 bytes, no control characters; empty:
  /// none.
  virtual std::string profile_name(const AccountId& account) = 0;
  virtual void set_profile_name(const AccountId& account, std::string name) = 0;
  virtual Privacy privacy(const AccountId& account) = 0;
  virtual void set_privacy(const AccountId& account, Privacy privacy) = 0;

  /// Where a message has been, in time order.
  virtual std::vector<TraceStep> trace(const AccountId& account, MessageId message) = 0;

  // --- events ---
  /// `on_event` runs on the loop, after the change is durable, never from inside a call of the subscriber's own.
  virtual Subscription subscribe(std::function<void(const Event&)> on_event) = 0;
};

}  // namespace argot
