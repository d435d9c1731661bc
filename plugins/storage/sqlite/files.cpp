#include "files.h"

#include <argot/error.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace argot::sqlite {
namespace {

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& file, int flags) : number(::open(file.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  const int number;
};

}  // namespace

void throw_file_error(std::string_view verb, const std::filesystem::path& file, int system_error) {
  const std::string what =
      "Cannot " + std::string(verb) + " \"" + file.string() + "\": " + std::strerror(system_error) + ".";
  switch (system_error) {
    case EACCES:
    case EPERM:
    case EROFS: throw Error(Code::permission_denied, what, "Make it writable for this user.");
    case ENOSPC:
    case EDQUOT:
    case EFBIG: throw Error(Code::resource_exhausted, what, "Free some space and try again.");
    default: throw Error(Code::unavailable, what, "Check the path and the disk.");
  }
}

void make_private_folder(const std::filesystem::path& folder) {
  struct stat known;
  if (::stat(folder.c_str(), &known) == 0) {
    if (!S_ISDIR(known.st_mode)) throw_file_error("use as a folder", folder, ENOTDIR);
    // A folder made by somebody else may be open to others; not ours to change when it is not ours.
    if (known.st_mode & 077) static_cast<void>(::chmod(folder.c_str(), 0700));
    return;
  }
  if (folder.has_parent_path() && folder.parent_path() != folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder.parent_path(), failed);
    if (failed) throw_file_error("make the folder", folder.parent_path(), failed.value());
  }
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw_file_error("make the folder", folder, errno);
  Descriptor parent(folder.has_parent_path() ? folder.parent_path() : ".", O_RDONLY | O_DIRECTORY);
  if (parent.number >= 0) ::fsync(parent.number);
}

void make_private_file(const std::filesystem::path& file) {
  Descriptor made(file, O_RDWR | O_CREAT);
  if (made.number < 0) throw_file_error("write", file, errno);
  struct stat known;
  if (::fstat(made.number, &known) == 0 && known.st_mode & 077) ::fchmod(made.number, 0600);
}

Bytes first_bytes(const std::filesystem::path& file, std::size_t count) {
  Descriptor read(file, O_RDONLY);
  if (read.number < 0) throw_file_error("read", file, errno);
  Bytes out(count);
  std::size_t size = 0;
  while (size < count) {
    const auto more = ::pread(read.number, out.data() + size, count - size, static_cast<off_t>(size));
    if (more < 0) throw_file_error("read", file, errno);
    if (more == 0) break;
    size += static_cast<std::size_t>(more);
  }
  out.resize(size);
  return out;
}

}  // namespace argot::sqlite
