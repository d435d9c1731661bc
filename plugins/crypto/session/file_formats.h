// How files are encrypted (client/attachments.md sections 1 and 2; pictures of old: client/account.md section 6).
#pragma once
#include <argot/file_cipher.h>
#include <argot/secret.h>

namespace argot::session {

/// The largest file that may be sent with a message, bytes; what is received may be `padded` larger.
inline constexpr std::uint64_t max_plain_file = 10'000'000;

// --- legacy: AES-256-CBC and HMAC-SHA256, padded to one of 203 sizes ---
namespace legacy {
inline constexpr std::size_t key_size = 64, iv_size = 16, mac_size = 32;

/// 1 to 10,000,000 to the size that zeros fill it up to.
std::uint64_t padded_size(std::uint64_t size);
std::uint64_t sealed_size(std::uint64_t size);
std::unique_ptr<FileSealer> seal(std::uint64_t size, ByteView key64, ByteView iv16);
/// `key`: 64 bytes, digest 32, size not 0.
std::unique_ptr<FileOpener> open(const FileKey& key);
}  // namespace legacy

// --- stream: libsodium's secretstream in chunks of 32 KiB; who has the file and the seed can make it again ---
namespace stream {
inline constexpr std::size_t chunk = 32768, overhead = 17, key_size = 32, nonce_size = 24;
inline constexpr Byte magic = 0x53;

/// How many bytes come before the file's own, and how large the whole becomes.
std::uint64_t padding(std::uint64_t size);
std::uint64_t sealed_size(std::uint64_t size);

struct Keys {
  Fixed<nonce_size> nonce{};
  Secret key;
};
/// The keys that follow from an account's seed and the file, in pieces.
class KeyMaker {
 public:
  KeyMaker(ByteView seed32, FilePurpose purpose);
  ~KeyMaker();
  KeyMaker(const KeyMaker&) = delete;
  void add(ByteView plain);
  Keys finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::unique_ptr<FileSealer> seal(FilePurpose purpose, std::uint64_t size, Keys keys);
/// `key`: 32 bytes.
std::unique_ptr<FileOpener> open(const FileKey& key);
}  // namespace stream

// --- pictures of old: AES-256-GCM ---
namespace picture {
inline constexpr std::size_t key_size = 32, iv_size = 12, tag_size = 16;

std::uint64_t sealed_size(std::uint64_t size);
std::unique_ptr<FileSealer> seal(std::uint64_t size, ByteView key32, ByteView iv12);
std::unique_ptr<FileOpener> open(const FileKey& key);
}  // namespace picture

/// A file is sealed as it was announced. Throws Error(invalid_argument) when `more` bytes after `so_far` are too many.
void check_room(std::uint64_t so_far, std::uint64_t more, std::uint64_t announced);
/// The same at its end.
void check_whole(std::uint64_t came, std::uint64_t announced);
[[noreturn]] void not_genuine();

}  // namespace argot::session
