#include "storage.h"

#include "transaction.h"

#include <sodium.h>

namespace argot::memory {
namespace {

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(std::shared_ptr<Tables> tables) : tables_(std::move(tables)) { tables_->user = busy_; }

  std::unique_ptr<Transaction> begin() override { return std::make_unique<MemoryTransaction>(tables_, busy_); }

  std::vector<std::string> owners() override {
    std::vector<std::string> out;
    for (auto& [key, value] : tables_->values)
      if (out.empty() || out.back() != key.first) out.push_back(key.first);
    return out;
  }
  std::vector<OutboxEntry> outbox() override {
    std::vector<OutboxEntry> out;
    for (auto& [id, entry] : tables_->outbox) out.push_back(entry);
    return out;
  }
  std::vector<std::pair<std::string, std::int64_t>> seen() override {
    return {tables_->seen.begin(), tables_->seen.end()};
  }

 private:
  std::shared_ptr<Tables> tables_;
  std::shared_ptr<bool> busy_ = std::make_shared<bool>(false);  ///< also says that the tables are in use
};

}  // namespace

Task<> MemoryStorage::start(Context& ctx) {
  ctx_ = &ctx;
  co_return;
}

std::shared_ptr<void>& MemoryStorage::tables_at(const std::filesystem::path& path) {
  return ctx_->shared("memory-storage:" + path.lexically_normal().string());
}

bool MemoryStorage::exists(const std::filesystem::path& path) { return tables_at(path) != nullptr; }

Task<std::unique_ptr<Store>> MemoryStorage::open(OpenStore request) {
  if (request.key.size() != 32)
    throw Error(Code::invalid_argument,
                "The key of a store has 32 bytes; this one has " + std::to_string(request.key.size()) + ".",
                "Derive one with 32 bytes.");
  Fixed<32> print;
  crypto_generichash(print.data(), print.size(), request.key.data(), request.key.size(), nullptr, 0);
  std::shared_ptr<void>& place = tables_at(request.path);
  auto tables = std::static_pointer_cast<Tables>(place);
  if (!tables) {
    tables = std::make_shared<Tables>();
    tables->key_print = print;
    place = tables;
  }
  if (!equal_secret(tables->key_print, print))
    throw Error(Code::unauthenticated, "The key does not fit the store \"" + request.path.string() + "\".",
                "Check the passphrase.");
  if (!tables->user.expired())
    throw Error(Code::already_exists, "The store \"" + request.path.string() + "\" is open already.",
                "Close it first; one account runs in one place at a time.");
  co_return std::make_unique<MemoryStore>(std::move(tables));
}

}  // namespace argot::memory
