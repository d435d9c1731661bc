#pragma once
// Where encrypted files are kept for a while, so that messages need only point to them (client/attachments.md section
// 4). A store sees neither names nor keys; what it is given is encrypted already (file_cipher.h).
#include <argot/bytes.h>
#include <argot/error.h>
#include <argot/task.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace argot {

struct FileStoreTraits {
  std::uint64_t max_file = 0;  ///< bytes of an encrypted file
  bool hides_address = false;  ///< the server does not see who uploads or downloads
};

/// A file as its server describes it.
struct KeptFile {
  std::string url = {};              ///< what others download it by (file_url.h), without `d`
  std::uint64_t size = 0;            ///< 0: not told
  Time uploaded_at{}, expires_at{};  ///< zero: not told
};

/// Called on the loop, with `done` never falling: bytes of `total` that have been sent or have come. The last call has
/// done == total. Where a server's answer is one sealed piece there may be no other one.
using FileProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// To cancel a call, cancel the coroutine that waits for it: Error(cancelled). One attempt each; whoever calls retries.
/// All throw Error: unavailable or timeout (try again), invalid_argument or resource_exhausted (never will work: an
/// address that is none, too large), not_found (the file is gone for good), cancelled.
class ARGOT_API FileStore {
 public:
  static constexpr std::string_view interface_id = "file-store/1";
  static constexpr std::string_view kind = "transport";
  virtual ~FileStore();
  virtual FileStoreTraits traits() const = 0;
  /// The same bytes again give the same file. `ttl`: how long to keep it at least, if the server may choose; 0: as long
  /// as it does by itself.
  virtual Task<KeptFile> upload(std::shared_ptr<const Bytes> file, Duration ttl = {}, FileProgress progress = {}) = 0;
  /// Only files of at most `most` bytes: others are Error(resource_exhausted).
  virtual Task<Bytes> download(std::string url, std::uint64_t most, FileProgress progress = {}) = 0;
  virtual Task<KeptFile> info(std::string url) = 0;
  /// Asks to keep it for `ttl` from now on (0: as long as the server does by itself); it is never kept shorter.
  virtual Task<KeptFile> extend(std::string url, Duration ttl = {}) = 0;
};

}  // namespace argot
