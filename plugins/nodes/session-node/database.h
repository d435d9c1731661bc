#pragma once
// The messages a node keeps (storage_node.md section 12). One file, SQLite in WAL mode with full
// synchronisation: what was committed survives kill -9 and a power cut.
//
// Rows carry their account themselves instead of pointing to a table of owners: revocations then do not depend on
// whether the account has messages, as the section advises.
#include <argot/identity.h>

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "calls.h"
#include "handover.h"
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
  /// Opens or makes the file and takes it for this process alone.
  /// Throws also Error(incompatible) when a newer version wrote it.
  Database(std::filesystem::path path, std::int64_t max_bytes);

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

  void begin() { Run(db_, "BEGIN IMMEDIATE").finish(); }
  void commit() { Run(db_, "COMMIT").finish(); }
  void rollback() noexcept;

 private:
  void prepare_file(std::int64_t max_bytes);
  Connection db_;
};

}  // namespace argot::node
