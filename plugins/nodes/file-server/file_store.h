#pragma once
// Files on disk, named after their content (attachments.md sections 3 and 4). Each is one file with a short header, so
// there is no index that could disagree with what is there: a crash at any moment leaves a whole file or none.
//
//   files/<first character of the id>/<id>:  "ArgotFS1" | uploaded ms i64 | expires ms i64 | size u64 | bytes  (LE)
#include <argot/bytes.h>
#include <argot/error.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace argot::files {

struct FileInfo {
  std::string id;
  std::uint64_t size = 0;
  std::int64_t uploaded_ms = 0, expires_ms = 0;
};

/// Blocking: call through Context::offload. May be used by several threads at once. Errors: Error(resource_exhausted)
/// when the disk is full or would have less than `min_free` bytes left, Error(unavailable) for the rest.
class FileStore {
 public:
  static constexpr std::size_t id_size = 44;

  /// Makes the directories; removes what a crash left half written.
  FileStore(std::filesystem::path directory, std::uint64_t min_free);

  /// Returns when the file is on the disk. The same bytes again: the same file, which then expires at the later time.
  FileInfo put(std::string_view bytes, std::int64_t now_ms, std::int64_t expires_ms);
  /// Nothing when there is no such file, or it has expired.
  std::optional<FileInfo> info(std::string_view id, std::int64_t now_ms);
  std::optional<std::string> read(std::string_view id, std::int64_t now_ms);
  /// A file to be read piece by piece; it can be read on when it has expired meanwhile.
  class Reader {
   public:
    Reader(int file, FileInfo info) : file_(file), info_(std::move(info)) {}
    Reader(const Reader&) = delete;
    ~Reader();
    const FileInfo& info() const { return info_; }
    /// The next bytes, at most `most`; empty at the end.
    std::string next(std::size_t most);

   private:
    int file_;
    FileInfo info_;
    std::uint64_t at_ = 0;
  };
  std::shared_ptr<Reader> open(std::string_view id, std::int64_t now_ms);  ///< null when there is no such file
  /// Sets when it expires; never earlier than it would have. Nothing when there is no such file.
  std::optional<FileInfo> extend(std::string_view id, std::int64_t now_ms, std::int64_t expires_ms);

  /// Removes what has expired in one of the `shards` directories; how many files it were.
  std::size_t sweep(std::size_t shard, std::int64_t now_ms);
  static constexpr std::size_t shards = 64;

  /// 44 characters of the URL-safe base64 alphabet.
  static bool is_id(std::string_view text);
  static std::string id_of(std::string_view bytes);

 private:
  std::filesystem::path path_of(std::string_view id) const;
  std::filesystem::path write_temporary(std::string_view bytes, const FileInfo& info);
  void set_expiry(const std::filesystem::path& path, std::int64_t expires_ms);

  std::filesystem::path directory_;
  std::uint64_t min_free_;
  std::mutex changing_;  ///< a file may not be removed while its life is prolonged
  std::uint64_t next_temporary_ = 0;
};

}  // namespace argot::files
