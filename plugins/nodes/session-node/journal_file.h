#pragma once
// The file under a journal: what it asks of a disk, and the real one. Tests put disks here that fail and forget.
#include <argot/bytes.h>

#include <filesystem>
#include <memory>

namespace argot::node {

/// Used by one thread at a time. Errors: resource_exhausted (disk, quota or size limit), unavailable (the rest). After
/// an error of write() or sync() nobody knows what of it will be there after a crash.
class JournalFile {
 public:
  virtual ~JournalFile() = default;
  /// What the file holds, of at most `most` bytes; nothing when there is no file.
  virtual Bytes read(std::size_t most) = 0;
  /// Writes all of it at this place; the file grows if need be, and is made if there is none.
  virtual void write(std::uint64_t at, ByteView bytes) = 0;
  /// Returns when everything written is on the disk.
  virtual void sync() = 0;
  /// Renames what is there, never over another file; the new name. Throws also Error(already_exists).
  virtual std::string set_aside() = 0;
};

/// Touches the disk when it is first used.
std::unique_ptr<JournalFile> make_journal_file(std::filesystem::path path);

}  // namespace argot::node
