// storage/sqlite: one encrypted SQLite file per account.
#include "store.h"

#include <argot/plugin.h>
#include <argot/storage.h>

namespace argot::sqlite {

class SqliteStorage final : public PluginOf<Storage> {
 public:
  Task<> start(Context& ctx) override {
    ctx_ = &ctx;
    co_return;
  }

  Task<std::unique_ptr<Store>> open(OpenStore request) override {
    // Opening reads and may migrate: off the loop. From then on only the loop uses the connection.
    auto job = [&request] { return open_store(request.path, request.key); };
    co_return co_await ctx_->offload(std::move(job));
  }

  bool exists(const std::filesystem::path& path) override { return store_exists(path); }

 private:
  Context* ctx_ = nullptr;
};

ARGOT_PLUGIN(SqliteStorage, {.name = "sqlite",
                             .version = "1.0.0",
                             .summary = "One encrypted SQLite file per account, with full-text search"})

}  // namespace argot::sqlite
