// The guards' keys in a file, so that a client that starts again speaks to the same nodes as before.
#pragma once
#include <argot/context.h>

#include <filesystem>

namespace argot::swarm {

class GuardFile {
 public:
  /// `ctx`: for the log.
  GuardFile(Context& ctx, std::filesystem::path file) : ctx_(ctx), file_(std::move(file)) {}
  /// At most 16; none when there is no file, or it cannot be read (that is logged).
  std::vector<Fixed<32>> read() const;
  /// Replaces the file whole. A failure is logged: without the file other guards are chosen at the next start.
  void write(const std::vector<Fixed<32>>& guards) const;

 private:
  Context& ctx_;
  std::filesystem::path file_;
};

}  // namespace argot::swarm
