#include "store.h"

#include "files.h"
#include "schema.h"
#include "seal.h"
#include "transaction.h"

namespace argot::sqlite {
namespace {

constexpr const char* file_name = "account.db";
constexpr const char* lock_name = "account.lock";

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  std::unique_ptr<Transaction> begin() override { return std::make_unique<SqliteTransaction>(core_); }

  std::vector<std::string> owners() override {
    std::vector<std::string> out;
    Query row(*core_->db, "SELECT DISTINCT owner FROM value ORDER BY owner");
    while (row.step()) out.emplace_back(row.text(0));
    return out;
  }

  std::vector<OutboxEntry> outbox() override {
    Query rows(*core_->db, "SELECT " ARGOT_OUTBOX_COLUMNS " FROM outbox ORDER BY message");
    return outbox_entries(rows);
  }

  std::vector<std::pair<std::string, std::int64_t>> seen() override {
    std::vector<std::pair<std::string, std::int64_t>> out;
    Query row(*core_->db, "SELECT hash, expires FROM seen ORDER BY hash");
    while (row.step()) out.emplace_back(row.text(0), row.number(1));
    return out;
  }

 private:
  std::shared_ptr<Core> core_;
};

// The lock file guards against a second process, so the database may be held for good: no shared memory file, no
// lock per transaction. FULL: a commit is on the disk when it returns.
constexpr const char* manners = R"sql(
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA journal_size_limit = 4194304;
)sql";

/// The cipher gives a last page that is cut short as it is, neither opened nor checked. A crash while the log is copied
/// into the database leaves such a page, but then the log has it still.
void check_size(Database& db) {
  constexpr std::uintmax_t page = 4096;
  if (fs::file_size(db.file()) % page == 0) return;
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  if (fs::file_size(db.file()) % page != 0) db.fail(SQLITE_CORRUPT);
}

std::unique_ptr<Store> open_with(const fs::path& folder, ByteView key, const Seal* seal) {
  const fs::path file = folder / file_name;
  make_private_folder(folder);
  LockFile lock(folder / lock_name);
  make_private_file(file);
  if (seal) seal->check();

  auto db = std::make_unique<Database>(file, key);
  if (sqlite3_db_readonly(db->handle(), "main") == 1) db->fail(SQLITE_READONLY);
  db->run(manners);
  check_size(*db);
  migrate(*db, migrations);
  return std::make_unique<SqliteStore>(std::make_shared<Core>(std::move(lock), std::move(db)));
}

}  // namespace

std::unique_ptr<Store> open_store(const fs::path& folder, const Secret& key) {
  const Seal seal(folder / file_name, key);
  return open_with(folder, seal.sqlite_key(), &seal);
}

std::unique_ptr<Store> open_plain_store(const fs::path& folder) { return open_with(folder, {}, nullptr); }

bool store_exists(const std::filesystem::path& folder) {
  std::error_code failed;
  const auto size = fs::file_size(folder / file_name, failed);
  return !failed && size > 0;
}

}  // namespace argot::sqlite
