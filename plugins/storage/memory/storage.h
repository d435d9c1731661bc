#pragma once
// The storage: which tables belong to which path, and who has them open.
#include <argot/plugin.h>
#include <argot/storage.h>

namespace argot::memory {

class MemoryStorage : public PluginOf<Storage> {
 public:
  Task<> start(Context& ctx) override;
  Task<std::unique_ptr<Store>> open(OpenStore request) override;
  bool exists(const std::filesystem::path& path) override;

 private:
  /// Kept by the world, so that a kernel that starts again finds them.
  std::shared_ptr<void>& tables_at(const std::filesystem::path& path);

  Context* ctx_ = nullptr;
};

}  // namespace argot::memory
