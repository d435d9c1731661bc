#include "lock_file.h"

#include "files.h"

#include <argot/error.h>

#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace argot::sqlite {
namespace {

std::string holder_of(int descriptor) {
  char text[24] = {};
  const auto size = ::pread(descriptor, text, sizeof text - 1, 0);
  long pid = 0;
  if (size > 0) std::from_chars(text, text + size, pid);
  return pid > 0 ? "process " + std::to_string(pid) : "another process";
}

}  // namespace

LockFile::LockFile(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) throw_file_error("lock", file, errno);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int problem = errno;
    const std::string holder = holder_of(descriptor_);
    ::close(descriptor_);
    if (problem != EWOULDBLOCK) throw_file_error("lock", file, problem);
    throw Error(Code::already_exists, "The store in \"" + file.parent_path().string() + "\" is open in " + holder + ".",
                "Stop that process first; one account runs in one place at a time.");
  }
  // For the sentence above only, so a full disk does not matter.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, pid.data(), pid.size(), 0) < 0) return;
}

LockFile::~LockFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace argot::sqlite
