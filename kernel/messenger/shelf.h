#pragma once
// Where the accounts of a kernel are listed: one small text each (the wrapped key, argot/vault.h), and a folder
// for its store. On disk, or in the world's memory for simulations that must not touch the disk.
#include <argot/context.h>
#include <argot/identity.h>

namespace argot::kernel {

class Shelf {
 public:
  virtual ~Shelf() = default;
  virtual std::vector<AccountId> list() = 0;
  /// Throws Error(not_found).
  virtual std::string read(const AccountId& account) = 0;
  /// Replaces atomically: after a crash the old text or the new one is there, never half of one.
  virtual void write(const AccountId& account, std::string_view text) = 0;
  virtual std::filesystem::path folder(const AccountId& account) = 0;
};

/// Under ctx.data_dir(): <id>/account.json, readable by the user only.
std::unique_ptr<Shelf> make_disk_shelf(Context& ctx);
/// In ctx.shared(): survives a simulated restart, not the process.
std::unique_ptr<Shelf> make_memory_shelf(Context& ctx);

}  // namespace argot::kernel
