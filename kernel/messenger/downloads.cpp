// Files on their way in: fetched when somebody asks, and on the disk only when they are genuine and whole.
#include <kernel/messenger/uploads.h>

#include <argot/file_url.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t write_at_once = 64 * 1024;

[[noreturn]] void cannot_write(const fs::path& path, int reason) {
  const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
  const Code code = reason == EEXIST                        ? Code::already_exists
                    : full                                  ? Code::resource_exhausted
                    : reason == ENOENT || reason == ENOTDIR ? Code::invalid_argument
                                                            : Code::permission_denied;
  throw Error(code, "The file " + path.string() + " cannot be written: " + std::strerror(reason) + ".",
              reason == EEXIST ? "Choose another name."
              : full           ? "Make room on the disk."
                               : "Choose another folder, or check its permissions.");
}

/// A file beside the one that is to be, which takes its name when it is whole and goes when it never is.
class UnfinishedFile {
 public:
  explicit UnfinishedFile(const fs::path& to) : to_(to), path_(to.string() + ".part") {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file_ < 0) cannot_write(path_, errno);
  }
  UnfinishedFile(const UnfinishedFile&) = delete;
  ~UnfinishedFile() {
    if (file_ >= 0) ::close(file_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  void write(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t now = ::write(file_, bytes.data(), bytes.size());
      if (now < 0 && errno == EINTR) continue;
      if (now <= 0) cannot_write(to_, now < 0 ? errno : ENOSPC);
      bytes = bytes.subspan(std::size_t(now));
    }
  }
  void finish() {
    if (::fsync(file_) != 0) cannot_write(to_, errno);
    // Unlike a rename this never takes the place of another file.
    if (::link(path_.c_str(), to_.c_str()) == 0) return;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) cannot_write(to_, errno);
    if (fs::exists(to_)) cannot_write(to_, EEXIST);  // a disk without links
    if (::rename(path_.c_str(), to_.c_str()) != 0) cannot_write(to_, errno);
    path_.clear();
  }

 private:
  const fs::path to_;
  fs::path path_;
  int file_ = -1;
};

/// Off the loop.
void decrypt(FileOpener& opener, ByteView sealed, const fs::path& to) {
  UnfinishedFile part(to);
  Bytes plain;
  for (std::size_t at = 0; at < sealed.size(); at += write_at_once) {
    plain.clear();
    opener.add(sealed.subspan(at, std::min(write_at_once, sealed.size() - at)), plain);
    part.write(plain);
  }
  plain.clear();
  opener.finish(plain);
  part.write(plain);
  part.finish();
}

}  // namespace

Task<> fetch_file(std::shared_ptr<Account> account, Attachment pointer, fs::path to, FileProgress progress) {
  Context& ctx = account->ctx;
  if (pointer.url.empty())
    throw Error(Code::invalid_argument, "The file has no address: its sender has not uploaded it.",
                "Ask for it to be sent again.");
  const FileUrl url = FileUrl::parse(pointer.url);
  const FileKey key(FilePurpose::attachment, url.stream, std::move(pointer.key), std::move(pointer.digest),
                    pointer.size);
  std::error_code failure;
  if (fs::exists(to, failure)) cannot_write(to, EEXIST);  // before anything is fetched
  if (!fs::is_directory(fs::absolute(to, failure).parent_path(), failure)) cannot_write(to, ENOENT);
  std::unique_ptr<FileOpener> opener;
  std::optional<Lease<FileCipher>> cipher;  // for as long as its object lives
  for (const Handle<FileCipher>& each : ctx.services<FileCipher>()) {
    if (!each) continue;
    Lease<FileCipher> lease = each.lease();
    if (!lease->claims(key)) continue;
    opener = lease->open(key);
    cipher.emplace(std::move(lease));
    break;
  }
  if (!opener)
    throw Error(Code::invalid_argument, "No plugin of this profile knows how the file is encrypted.",
                "Its key may be damaged: ask for it to be sent again.");
  Bytes sealed;
  {
    if (ctx.slots(FileStore::interface_id).empty())
      throw Error(Code::invalid_argument, "The transport of this profile cannot fetch files.", "Use swarm.");
    auto store = ctx.service<FileStore>().lease();
    const std::uint64_t most = store->traits().max_file;
    std::string address = pointer.url;
    sealed = co_await store->download(std::move(address), most, std::move(progress));
  }
  auto work = [&] { decrypt(*opener, sealed, to); };
  co_await ctx.offload(std::move(work));
  opener.reset();
}

}  // namespace argot::kernel
