#pragma once
// What one account remembers: a transactional store with full-text search.
//
// Calls do not wait: a transaction begins, changes and commits within one turn of the kernel's loop, so two
// transactions of one store never overlap and no other code runs in between. A transaction that is destroyed
// without commit() leaves no trace. After commit() returns, the change survives kill -9 and power loss.
#include <argot/bytes.h>
#include <argot/secret.h>
#include <argot/task.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace argot {

using MessageId = std::int64_t;  ///< local to one store, ascending in order of insertion; 0: none

enum class Direction : std::uint8_t { incoming = 0, outgoing = 1 };
/// Outgoing: queued → sending (sealed) → sent, or failed. Incoming: received → read.
enum class MessageState : std::uint8_t { queued = 0, sending = 1, sent = 2, failed = 3, received = 4, read = 5 };

/// One message of one conversation. (author, sent_at_ms) is unique: the network's identity of a message
/// (client/envelope.md section 10).
struct StoredMessage {
  MessageId id = 0;          ///< set by the store on insert
  std::string conversation;  ///< the peer's account id, 66 hex
  std::string author;        ///< account id
  std::int64_t sent_at_ms = 0;
  std::int64_t received_at_ms = 0;  ///< local: when it was written here
  Direction direction = Direction::incoming;
  MessageState state = MessageState::received;
  std::uint16_t kind = 1;          ///< 1: text. Others join with their issue
  std::string text;                ///< what people read and search
  Bytes content;                   ///< the whole encoded Content for kinds that need more than text; may be empty
  std::string hash;                ///< the envelope's hash in its mailbox, once known
  std::string suite;               ///< which suite sealed it
  std::string failure;             ///< why it failed, for people
  Bytes trace;                     ///< way-points, encoded by the messenger
  std::int64_t expires_at_ms = 0;  ///< when it is to disappear, by this machine's clock; 0: never
  Bytes extra;  ///< what others did to it (reactions, edits) and what has no column: the messenger's own encoding
};

struct StoredConversation {
  std::string id;         ///< account id of the peer
  std::string name;       ///< nickname; may be empty
  bool approved = false;  ///< we wrote to them or accepted their request
  bool blocked = false;
  std::int64_t last_active_ms = 0;
  std::int64_t unread = 0;
  MessageId last_message = 0;
  Bytes extra;  ///< the messenger's own encoding of what has no column
};

/// A message on its way out.
struct OutboxEntry {
  MessageId message = 0;  ///< also its key
  std::string mailbox;    ///< account id of the receiver
  std::int16_t ns = 0;
  Bytes envelope;  ///< empty until sealed; identical bytes are sent on every retry
  std::string suite;
  std::int64_t ttl_ms = 0;
  std::int32_t attempts = 0;
  std::int64_t next_attempt_ms = 0;  ///< wall clock
};

/// Which messages, in which order. Messages are ordered by (sent_at_ms, id); times before 1830 and after 2109
/// (beyond 2^42 ms) count as the nearest one between. `before` and `after` must exist: Error(not_found).
struct MessageQuery {
  std::string conversation;         ///< empty: all
  std::string match;                ///< words that must occur (prefix match, case and accents folded); empty: all
                                    ///< at most 32 words and 1,024 bytes, else Error(invalid_argument)
  std::optional<MessageId> before;  ///< only messages ordered before this one
  std::optional<MessageId> after;   ///< only messages ordered after this one
  bool newest_first = true;
  std::size_t limit = 50;  ///< at most 1,000
};

class ARGOT_API Transaction {
 public:
  virtual ~Transaction();  ///< rolls back unless committed

  // --- messages ---
  /// Returns the new id, or nothing when (author, sent_at_ms) is there already. The conversation must exist,
  /// else Error(not_found).
  /// An id other than 0 is kept (copying a store); it must not be in use, else Error(already_exists).
  virtual std::optional<MessageId> insert(const StoredMessage& message) = 0;
  /// Replaces everything but id, conversation, author and sent_at_ms. Throws Error(not_found).
  virtual void update(const StoredMessage& message) = 0;
  virtual std::optional<StoredMessage> message(MessageId id) = 0;
  /// The message of this author and time.
  virtual std::optional<StoredMessage> message(std::string_view author, std::int64_t sent_at_ms) = 0;
  virtual std::vector<StoredMessage> messages(const MessageQuery& query) = 0;
  /// Removes a message, its search index entry and its outbox entry.
  virtual void erase_message(MessageId id) = 0;
  /// Messages that disappear at `now_ms` or before, the earliest first.
  virtual std::vector<MessageId> expired(std::int64_t now_ms, std::size_t limit) = 0;
  /// When the next message disappears; nothing when none does.
  virtual std::optional<std::int64_t> next_expiry_ms() = 0;

  // --- conversations ---
  virtual void put(const StoredConversation& conversation) = 0;
  virtual std::optional<StoredConversation> conversation(std::string_view id) = 0;
  /// Most recently active first.
  virtual std::vector<StoredConversation> conversations() = 0;

  // --- outbox ---
  virtual void put(const OutboxEntry& entry) = 0;
  virtual void erase_outbox(MessageId message) = 0;
  /// Entries with next_attempt_ms <= now, oldest message first (smallest id).
  virtual std::vector<OutboxEntry> due(std::int64_t now_ms, std::size_t limit) = 0;
  /// When the next entry is due; nothing when the outbox is empty.
  virtual std::optional<std::int64_t> next_due_ms() = 0;

  // --- envelopes seen ---
  /// Remembers a hash until `expires_ms` (the latest it was ever given); false when it was known already.
  virtual bool see(std::string_view hash, std::int64_t expires_ms) = 0;
  /// Forgets what expires earlier than that.
  virtual void forget_seen(std::int64_t before_ms) = 0;

  // --- small values: cursors, suite state, settings. `owner` separates the users of one store ---
  virtual std::optional<Bytes> get(std::string_view owner, std::string_view key) = 0;
  virtual void put(std::string_view owner, std::string_view key, ByteView value) = 0;
  virtual void erase(std::string_view owner, std::string_view key) = 0;
  /// Every (key, value) of one owner whose key begins with `prefix`, in key order.
  virtual std::vector<std::pair<std::string, Bytes>> scan(std::string_view owner, std::string_view prefix) = 0;

  /// Removes everything from the store: for copying another one over it.
  virtual void clear() = 0;

  /// Makes it durable. Throws Error(resource_exhausted) on a full disk and Error(corrupt) on damage; then
  /// nothing of the transaction is kept. No other call is allowed afterwards.
  virtual void commit() = 0;
};

class ARGOT_API Store {
 public:
  virtual ~Store();
  /// Throws Error(internal) while another transaction of this store is open.
  virtual std::unique_ptr<Transaction> begin() = 0;
  /// Owners of small values, for copying a store: every owner that has at least one.
  virtual std::vector<std::string> owners() = 0;
  /// Everything in the outbox, for copying.
  virtual std::vector<OutboxEntry> outbox() = 0;
  /// Seen hashes with their expiry, for copying.
  virtual std::vector<std::pair<std::string, std::int64_t>> seen() = 0;
};

struct OpenStore {
  std::filesystem::path path;  ///< a directory of the account's own; the backend chooses file names inside
  Secret key;                  ///< 32 bytes; what is written is encrypted and authenticated under it
  OpenStore(std::filesystem::path p, Secret k) : path(std::move(p)), key(std::move(k)) {}
};

class ARGOT_API Storage {
 public:
  static constexpr std::string_view interface_id = "storage/1";
  static constexpr std::string_view kind = "storage";
  virtual ~Storage();
  /// Opens or creates. Throws Error: unauthenticated (wrong key), corrupt, permission_denied (read-only),
  /// resource_exhausted (disk full), incompatible (written by a newer version), already_exists (open elsewhere).
  virtual Task<std::unique_ptr<Store>> open(OpenStore request) = 0;
  /// Whether a store exists at this path.
  virtual bool exists(const std::filesystem::path& path) = 0;
};

}  // namespace argot
