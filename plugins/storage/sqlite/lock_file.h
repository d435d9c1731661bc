#pragma once
// One process per store: a file that is locked while the store is open. The lock ends with the process, however
// it ends; the file itself stays.
#include <filesystem>
#include <utility>

namespace argot::sqlite {

class LockFile {
 public:
  /// Throws Error: already_exists naming the process that has it, permission_denied, resource_exhausted.
  explicit LockFile(const std::filesystem::path& file);
  ~LockFile();
  LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  LockFile& operator=(LockFile&&) = delete;

 private:
  int descriptor_;
};

}  // namespace argot::sqlite
