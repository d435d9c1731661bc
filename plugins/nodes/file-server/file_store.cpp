#include "file_store.h"

#include <sodium.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace argot::files {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "ArgotFS1",
                           alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t header_size = 32, piece = 256 * 1024;

[[noreturn]] void fail(const fs::path& path, const char* verb, int reason) {
  const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
  throw Error(full ? Code::resource_exhausted : Code::unavailable,
              "The file " + path.string() + " cannot be " + verb + ": " + std::strerror(reason) + ".",
              full ? "Free some space on the disk." : "Check the directory's permissions and the disk.");
}

/// A file descriptor that is closed whatever happens.
struct File {
  File(const fs::path& path, int flags) : number(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(const File&) = delete;
  ~File() {
    if (number >= 0) ::close(number);
  }
  int number;
};

void put(std::string& out, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(number >> (8 * i));
}
std::uint64_t get(const char* bytes) {
  std::uint64_t number = 0;
  for (int i = 8; i-- > 0;) number = number << 8 | static_cast<Byte>(bytes[i]);
  return number;
}

std::string header_of(const FileInfo& info) {
  std::string out(magic);
  put(out, static_cast<std::uint64_t>(info.uploaded_ms));
  put(out, static_cast<std::uint64_t>(info.expires_ms));
  put(out, info.size);
  return out;
}

int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(file, bytes.data(), std::min(bytes.size(), piece));
    if (n >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(n));
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

bool read_at(int file, char* into, std::size_t size, off_t at) {
  while (size > 0) {
    const auto n = ::pread(file, into, std::min(size, piece), at);
    if (n == 0 || (n < 0 && errno != EINTR)) return false;
    if (n < 0) continue;
    into += n;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

/// Nothing when the file is not one of ours, or not whole.
std::optional<FileInfo> read_header(int file, std::string_view id) {
  char header[header_size];
  struct stat about {};
  if (!read_at(file, header, header_size, 0) || std::string_view(header, magic.size()) != magic) return std::nullopt;
  FileInfo out;
  out.id = id;
  out.uploaded_ms = static_cast<std::int64_t>(get(header + 8));
  out.expires_ms = static_cast<std::int64_t>(get(header + 16));
  out.size = get(header + 24);
  if (::fstat(file, &about) != 0 || static_cast<std::uint64_t>(about.st_size) != out.size + header_size)
    return std::nullopt;
  return out;
}

void sync_directory(const fs::path& directory) {
  const File file(directory, O_RDONLY | O_DIRECTORY);
  if (file.number < 0 || ::fsync(file.number) != 0) fail(directory, "written", errno);
}

}  // namespace

FileStore::FileStore(fs::path directory, std::uint64_t min_free)
    : directory_(std::move(directory)), min_free_(min_free) {
  std::error_code failure;
  fs::remove_all(directory_ / "unfinished", failure);
  fs::create_directories(directory_ / "unfinished", failure);
  for (const char c : alphabet)
    if (!failure) fs::create_directories(directory_ / "files" / std::string(1, c), failure);
  if (failure) fail(directory_, "used", failure.value());
  fs::permissions(directory_, fs::perms::owner_all, failure);
}

bool FileStore::is_id(std::string_view text) {
  return text.size() == id_size && text.find_first_not_of(alphabet) == std::string_view::npos;
}

std::string FileStore::id_of(std::string_view bytes) {
  constexpr unsigned char salt[crypto_generichash_blake2b_SALTBYTES] = {'S', 'e', 's', 's', 'i', 'o', 'n', 'F',
                                                                        'i', 'l', 'e', 'S', 'v', 'r', 0,   0};
  Fixed<33> hash;
  crypto_generichash_blake2b_salt_personal(hash.data(), hash.size(), view(bytes).data(), bytes.size(), nullptr, 0, salt,
                                           nullptr);
  std::string id = to_base64(hash, Padding::without);
  for (char& c : id) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return id;
}

fs::path FileStore::path_of(std::string_view id) const {
  return directory_ / "files" / std::string(id.substr(0, 1)) / std::string(id);
}

fs::path FileStore::write_temporary(std::string_view bytes, const FileInfo& info) {
  fs::path path;
  {
    const std::lock_guard lock(changing_);
    path = directory_ / "unfinished" / std::to_string(next_temporary_++);
  }
  int reason = 0;
  {
    const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.number < 0) fail(path, "written", errno);
    reason = write_all(file.number, header_of(info));
    if (!reason) reason = write_all(file.number, bytes);
    if (!reason && ::fdatasync(file.number) != 0) reason = errno;
  }
  if (reason) {
    ::unlink(path.c_str());
    fail(path, "written", reason);
  }
  return path;
}

FileInfo FileStore::put(std::string_view bytes, std::int64_t now_ms, std::int64_t expires_ms) {
  FileInfo info;
  info.id = id_of(bytes);
  info.size = bytes.size();
  info.uploaded_ms = now_ms;
  info.expires_ms = expires_ms;
  if (auto known = extend(info.id, now_ms, expires_ms)) return *known;

  std::error_code ignored;
  const auto space = fs::space(directory_, ignored);
  if (!ignored && space.available < min_free_ + bytes.size())
    throw Error(Code::resource_exhausted, "The disk of " + directory_.string() + " is nearly full.",
                "Free some space, or lower the option min_free.");
  const fs::path temporary = write_temporary(bytes, info);
  const fs::path path = path_of(info.id);
  const std::lock_guard lock(changing_);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    fail(path, "written", reason);
  }
  sync_directory(path.parent_path());
  return info;
}

std::optional<FileInfo> FileStore::info(std::string_view id, std::int64_t now_ms) {
  if (!is_id(id)) return std::nullopt;
  const File file(path_of(id), O_RDONLY);
  if (file.number < 0) return std::nullopt;
  auto info = read_header(file.number, id);
  if (info && info->expires_ms <= now_ms) return std::nullopt;
  return info;
}

std::optional<std::string> FileStore::read(std::string_view id, std::int64_t now_ms) {
  if (!is_id(id)) return std::nullopt;
  const File file(path_of(id), O_RDONLY);
  if (file.number < 0) return std::nullopt;
  const auto info = read_header(file.number, id);
  if (!info || info->expires_ms <= now_ms) return std::nullopt;
  std::string out(info->size, '\0');
  if (!read_at(file.number, out.data(), out.size(), header_size)) fail(path_of(id), "read", errno);
  return out;
}

std::shared_ptr<FileStore::Reader> FileStore::open(std::string_view id, std::int64_t now_ms) {
  if (!is_id(id)) return nullptr;
  File file(path_of(id), O_RDONLY);
  if (file.number < 0) return nullptr;
  auto info = read_header(file.number, id);
  if (!info || info->expires_ms <= now_ms) return nullptr;
  auto out = std::make_shared<Reader>(file.number, std::move(*info));
  file.number = -1;  // the reader's now
  return out;
}

FileStore::Reader::~Reader() { ::close(file_); }

std::string FileStore::Reader::next(std::size_t most) {
  std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(most, info_.size - at_)), '\0');
  if (!read_at(file_, out.data(), out.size(), static_cast<off_t>(header_size + at_))) fail(info_.id, "read", errno);
  at_ += out.size();
  return out;
}

void FileStore::set_expiry(const fs::path& path, std::int64_t expires_ms) {
  std::string bytes;
  files::put(bytes, static_cast<std::uint64_t>(expires_ms));
  const File file(path, O_WRONLY);
  if (file.number < 0 || ::pwrite(file.number, bytes.data(), bytes.size(), 16) != 8 || ::fdatasync(file.number) != 0)
    fail(path, "changed", errno);
}

std::optional<FileInfo> FileStore::extend(std::string_view id, std::int64_t now_ms, std::int64_t expires_ms) {
  const std::lock_guard lock(changing_);
  auto found = info(id, now_ms);
  if (found && expires_ms > found->expires_ms) {
    set_expiry(path_of(id), expires_ms);
    found->expires_ms = expires_ms;
  }
  return found;
}

std::size_t FileStore::sweep(std::size_t shard, std::int64_t now_ms) {
  std::size_t removed = 0;
  std::error_code failure;
  fs::directory_iterator files(directory_ / "files" / std::string(1, alphabet[shard % shards]), failure);
  for (; !failure && files != fs::directory_iterator(); files.increment(failure)) {
    const fs::path path = files->path();
    const std::lock_guard lock(changing_);
    const File file(path, O_RDONLY);
    if (file.number < 0) continue;
    const auto info = read_header(file.number, path.filename().string());
    if (info && info->expires_ms > now_ms) continue;
    if (::unlink(path.c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace argot::files
