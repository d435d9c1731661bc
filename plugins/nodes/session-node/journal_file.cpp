#include "journal_file.h"

#include <argot/error.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace argot::node {
namespace {

class OnDisk final : public JournalFile {
 public:
  explicit OnDisk(std::filesystem::path path) : path_(std::move(path)) {}
  ~OnDisk() override {
    if (file_ >= 0) ::close(file_);
  }

  Bytes read(std::size_t most) override {
    if (file_ < 0) file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (file_ < 0 && errno == ENOENT) return {};
    if (file_ < 0) fail("opened", errno);
    struct stat found {};
    if (::fstat(file_, &found) != 0) fail("read", errno);
    Bytes out(std::min<std::size_t>(most, static_cast<std::size_t>(found.st_size)));
    std::size_t at = 0;
    while (at < out.size()) {
      const auto got = ::pread(file_, out.data() + at, out.size() - at, static_cast<off_t>(at));
      if (got < 0 && errno != EINTR) fail("read", errno);
      if (got == 0) break;
      if (got > 0) at += static_cast<std::size_t>(got);
    }
    out.resize(at);
    return out;
  }

  void write(std::uint64_t at, ByteView bytes) override {
    if (file_ < 0) create();
    while (!bytes.empty()) {
      const auto written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (written < 0 && errno != EINTR) fail("written", errno);
      if (written <= 0) continue;
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      at += static_cast<std::uint64_t>(written);
    }
  }

  void sync() override {
    while (::fdatasync(file_) != 0)
      if (errno != EINTR) fail("written", errno);
  }

  std::string set_aside() override {
    const std::string aside = path_.string() + ".other";
    // A link and its end: unlike rename() that overwrites nothing.
    if (::link(path_.c_str(), aside.c_str()) != 0) {
      if (errno == EEXIST)
        throw Error(Code::already_exists,
                    "The journal of messages " + path_.string() + " belongs to another database, and " + aside +
                        " is there already.",
                    "Move one of them away.");
      fail("renamed", errno);
    }
    if (::unlink(path_.c_str()) != 0) fail("renamed", errno);
    if (file_ >= 0) ::close(file_);
    file_ = -1;
    return aside;
  }

 private:
  /// The name of a new file has to be on the disk too.
  void create() {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) fail("made", errno);
    const auto parent = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
    const int directory = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool kept = directory >= 0 && ::fsync(directory) == 0;
    const int reason = errno;
    if (directory >= 0) ::close(directory);
    if (kept) return;
    ::close(file_);
    file_ = -1;
    fail("made", reason);
  }

  [[noreturn]] void fail(const char* verb, int reason) const {
    const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
    throw Error(full ? Code::resource_exhausted : Code::unavailable,
                "The journal of messages " + path_.string() + " cannot be " + verb + ": " + std::strerror(reason) + ".",
                full ? "Free some disk space." : "Check the disk, the directory and its permissions.");
  }

  std::filesystem::path path_;
  int file_ = -1;
};

}  // namespace

std::unique_ptr<JournalFile> make_journal_file(std::filesystem::path path) {
  return std::make_unique<OnDisk>(std::move(path));
}

}  // namespace argot::node
