#pragma once
// The messages a node keeps (storage_node.md section 12). SQLite in WAL mode with full synchronisation, and a journal
// before it: what was committed survives kill -9 and a power cut.
//
// A transaction that only stores new messages goes to the journal (journal.h): one write, one wait for the disk. From
// there they come into the tables thousands at a time: when there are many of them, or when something else than a new
// message is to be written, whichever is first. So whatever deletes or changes finds everything in the tables, a crash
// after it finds nothing in the journal that would undo it, and only readers have to look in two places. Without a
// journal, or with one whose disk fails, everything goes to the tables at once.
//
// Rows carry their account themselves instead of pointing to a table of owners: revocations then do not depend on
// whether the account has messages, as the section advises. What looks rows up are short keyed hashes of account and
// hash, which fit many to a page and which nobody outside can make collide.
#include <argot/identity.h>
#include <argot/task.h>

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "calls.h"
#include "handover.h"
#include "pending.h"
#include "sqlite.h"

namespace argot::node {

/// How much one retrieve may return (section 9, "Size rule").
struct RetrieveLimits {
  std::int64_t max_count;  ///< 0: no limit
  std::int64_t max_size;   ///< cost in bytes
};
RetrieveLimits retrieve_limits(std::int64_t max_count, std::int64_t max_size);

/// Used by one thread at a time. Errors as Connection's. Changes belong to the transaction that is open, if one is.
class Database {
 public:
  static constexpr std::size_t max_pending = 4'000, max_pending_bytes = 4 << 20;

  /// Opens or makes the file and takes it for this process alone. The journal lies beside it (messages.db has
  /// messages.journal); ":memory:" has none. Throws also Error(incompatible) when a newer version wrote it.
  Database(std::filesystem::path path, std::int64_t max_bytes);
  /// With this as the journal's file.
  Database(std::filesystem::path path, std::int64_t max_bytes, std::unique_ptr<JournalFile> journal);
  /// What was wrong when it was opened, in sentences for the log; empty when nothing was.
  const std::string& notice() const { return notice_; }

  enum class Stored { fresh, extended, exists };
  struct StoreResult {
    Stored kind;
    std::int64_t expiry;  ///< now in force
  };
  /// A known hash only has its expiry raised. A public outbox loses its other messages.
  StoreResult store(const AccountId& account, std::int16_t ns, std::string_view hash, std::int64_t timestamp,
                    std::int64_t expiry, ByteView data);

  struct Row {
    std::string_view hash;
    std::int64_t timestamp, expiry;
    ByteView data;  ///< valid during the call, as the hash
  };
  /// Calls `each` for the messages after `last_hash`, or from the start when it is unknown or empty, in the order they
  /// came in, until it returns false. True when the limits left something out.
  bool retrieve(const AccountId& account, std::int16_t ns, std::string_view last_hash, RetrieveLimits limits,
                const std::function<bool(const Row&)>& each);
  /// The same as a list.
  struct Page {
    struct Message {
      std::string hash;
      std::int64_t timestamp, expiry;
      Bytes data;
    };
    std::vector<Message> rows;
    bool more = false;  ///< something was left out
  };
  Page page(const AccountId& account, std::int16_t ns, std::string_view last_hash, RetrieveLimits limits);

  using ByNamespace = std::map<std::int16_t, std::vector<std::string>>;  ///< hashes, sorted
  /// The hashes that were there, sorted.
  std::vector<std::string> remove(const AccountId& account, const std::vector<std::string>& hashes);
  /// Messages with a timestamp up to `until`.
  ByNamespace remove_all(const AccountId& account, NamespaceOrAll ns, std::int64_t until);
  /// Lowers later expiries to `expiry`.
  ByNamespace shorten_all(const AccountId& account, NamespaceOrAll ns, std::int64_t expiry);
  std::optional<std::int64_t> expiry_of(const AccountId& account, std::string_view hash);
  void set_expiry(const AccountId& account, std::string_view hash, std::int64_t expiry);

  /// Keeps the 50 newest of an account.
  void revoke(const AccountId& account, const std::vector<Token>& tokens, std::int64_t now_ms);
  /// How many of them were revoked.
  std::int64_t unrevoke(const AccountId& account, const std::vector<Token>& tokens);
  bool is_revoked(const AccountId& account, const Token& token);

  // --- handing over (debts.h) ---
  /// Inserts a message of another node unless it is known; a public outbox keeps the newest. True when it is new.
  bool take_over(const AccountId& account, std::int16_t ns, std::string_view hash, std::int64_t timestamp,
                 std::int64_t expiry, ByteView data);
  struct Rows {
    std::vector<StoredMessage> messages;
    std::int64_t next = 0;  ///< row to go on from
    bool all = true;        ///< there was nothing after these
  };
  /// Messages from a row on, of all accounts, in the order they came in.
  Rows rows_from(std::int64_t row, std::size_t max_bytes, std::size_t max_rows);
  std::int64_t row_of(std::string_view hash);  ///< 0 when unknown
  std::map<Fixed<32>, std::int64_t> debts();
  /// Owes `peer` everything from this row on; an older debt stays.
  void owe(const Fixed<32>& peer, std::int64_t row);
  /// Moves a debt to a later row, or ends it.
  void paid(const Fixed<32>& peer, std::int64_t next, bool all);
  static constexpr std::int64_t no_rows = INT64_MAX;  ///< the row of a debt of calls alone
  static constexpr std::int64_t max_owed_calls = 1'000;
  struct OwedCall {
    std::int64_t id;
    std::string body;
  };
  /// Owes `peer` a call too (the body of Endpoint::storage_cc); of more than 1,000 the oldest goes.
  void owe_call(const Fixed<32>& peer, std::string_view body);
  std::vector<OwedCall> owed_calls(const Fixed<32>& peer, std::int64_t limit);  ///< the oldest first
  void paid_calls(const Fixed<32>& peer, std::int64_t last);
  /// The list of nodes as it was last; empty at first.
  std::string known_network();
  void keep_network(std::string_view lines);

  /// Removes messages with an expiry up to now, at most `limit`; how many it were.
  std::int64_t remove_expired(std::int64_t now_ms, std::int64_t limit);
  std::int64_t count();

  /// Everything from here to commit() or rollback() happens or does not. A change outside of them is a transaction.
  void begin();
  void commit();  ///< on the disk when it returns; after an error call rollback()
  void rollback() noexcept;
  /// Brings what the journal holds into the tables, as any change does. Throws what keeps it from that; nothing is lost
  /// then, and for a second the same Error comes without a further try.
  void settle();
  /// The clock for that second; a batch of work begins with it.
  void set_uptime(Duration uptime) { uptime_ = uptime; }
  std::size_t pending() const { return pending_.count(); }

 private:
  /// A transaction around one change, unless there is one.
  class Change {
   public:
    explicit Change(Database& db) : db_(db), own_(!db.in_transaction_) {
      if (own_) db_.begin();
    }
    Change(const Change&) = delete;
    ~Change() {
      if (own_) db_.rollback();
    }
    void done() {
      if (own_) db_.commit();
      own_ = false;
    }

   private:
    Database& db_;
    bool own_;
  };
  void prepare_file(std::int64_t max_bytes);
  void make_or_update_schema();
  void copy_messages_of_version_3();
  void recover();
  void learn_room();
  void set_page_limit(std::int64_t pages);
  /// Before any change that is no new message.
  void need_tables();
  void settle_pending();
  void renew_journal();
  void pass_spoiled_rows();

  std::int64_t key_of(ByteView bytes) const;
  std::int64_t key_of(std::string_view hash) const { return key_of(view(hash)); }
  bool fits_journal(std::string_view hash, std::size_t data) const;
  std::optional<std::int64_t> expiry_in_tables(const AccountId& account, std::string_view hash);
  StoreResult store_in_journal(const AccountId& account, std::int16_t ns, std::string_view hash, std::int64_t timestamp,
                               std::int64_t expiry, ByteView data);
  StoreResult store_in_tables(const AccountId& account, std::int16_t ns, std::string_view hash, std::int64_t timestamp,
                              std::int64_t expiry, ByteView data);
  /// `row` 0: the next one.
  void insert(std::int64_t row, const AccountId& account, std::int16_t ns, std::string_view hash,
              std::int64_t timestamp, std::int64_t expiry, ByteView data);
  void insert(const PendingMessage& each);

  Connection db_;
  Fixed<16> index_key_{};
  std::optional<Journal> journal_;
  Pending pending_;
  std::size_t durable_ = 0;  ///< of the pending ones; the others are those of the transaction
  bool in_transaction_ = false, in_tables_ = false;
  bool wants_journal_ = false;                 ///< the transaction stores what could be in the journal
  std::int64_t next_row_ = 1, first_row_ = 1;  ///< of the next new message; the same when the transaction began
  std::int64_t spoiled_row_ = 0;               ///< the last one of a failed append: a crash may bring it back
  std::int64_t page_limit_ = 0, page_size_ = 4096, room_ = 0;  ///< in the file, in bytes, for pending ones too
  Duration uptime_{}, settle_again_{}, renew_again_{};
  std::exception_ptr settle_failure_;
  std::string notice_;
};

}  // namespace argot::node
