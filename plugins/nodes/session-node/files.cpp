#include "files.h"

#include <argot/error.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

namespace argot::node {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* verb, int reason) {
  throw Error(Code::unavailable,
              "The file " + path.string() + " cannot be " + verb + ": " + std::strerror(reason) + ".",
              "Check the directory's permissions and the disk's free space.");
}

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure == std::errc::no_such_file_or_directory) return std::nullopt;
  if (failure) fail(path, "read", failure.value());
  if (size > 16 * 1024 * 1024)
    throw Error(Code::resource_exhausted, "The file " + path.string() + " is larger than 16 MiB.",
                "Check that this is the file you meant.");
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) fail(path, "read", errno);
  return content;
}

void replace_file(const std::filesystem::path& path, std::string_view content, Access access) {
  auto temporary = path;
  temporary += ".new";
  const int file =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, access == Access::owner_only ? 0600 : 0644);
  if (file < 0) fail(temporary, "written", errno);
  int reason = 0;
  while (!content.empty() && !reason) {
    const auto written = ::write(file, content.data(), content.size());
    if (written >= 0)
      content.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      reason = errno;
  }
  if (!reason && ::fsync(file) != 0) reason = errno;
  ::close(file);
  if (!reason && ::rename(temporary.c_str(), path.c_str()) != 0) reason = errno;
  if (reason) {
    ::unlink(temporary.c_str());
    fail(path, "written", reason);
  }
}

}  // namespace argot::node
