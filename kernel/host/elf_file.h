#pragma once
// Just enough of the ELF format to look into a shared library without loading it (System V ABI, gABI 4.1).
// Every number in the file is checked before it is used: the file may be anything.
#include <argot/bytes.h>
#include <argot/error.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace argot::kernel {

/// Random access to bytes: a file, or memory in tests.
struct ByteSource {
  std::uint64_t size = 0;
  /// Copies as many bytes from `at` on as there are, at most out.size(); returns how many.
  std::function<std::size_t(std::uint64_t at, std::span<Byte> out)> read;
};

/// An open file; the descriptor is closed with the last copy. Throws Error: not_found, permission_denied,
/// invalid_argument (a directory or device).
ByteSource open_file(const std::filesystem::path& file);
/// `bytes` must outlive the source.
ByteSource open_bytes(ByteView bytes);

/// The parts of a shared library that the host needs. Constructor and methods throw Error whose sentence begins
/// with `name`, code invalid_argument (not a shared library), incompatible (another machine), corrupt (truncated).
class ElfFile {
 public:
  ElfFile(ByteSource source, std::string name);

  /// Content of a section; nothing when there is none of this name. Throws when it is larger than `limit`.
  std::optional<Bytes> section(std::string_view section_name, std::size_t limit) const;
  /// How many leading bytes of the file the dynamic loader maps; what follows is for debuggers.
  std::uint64_t mapped_size() const;
  /// Names of the libraries it wants (DT_NEEDED), and where to look for them (DT_RUNPATH, unexpanded).
  struct Wants {
    std::vector<std::string> needed;
    std::string runpath;
  };
  Wants wants() const;

 private:
  template <class T> T get(std::uint64_t at, std::string_view part) const;
  Bytes bytes(std::uint64_t at, std::uint64_t length, std::string_view part) const;
  [[noreturn]] void truncated(std::string_view part) const;

  ByteSource source_;
  std::string name_;
  std::uint64_t section_table_ = 0, program_table_ = 0;
  std::uint32_t section_count_ = 0, names_index_ = 0, program_count_ = 0;
};

}  // namespace argot::kernel
