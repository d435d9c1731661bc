#pragma once
// Where a live kernel's log goes: standard error or a file, one line a message, naming who speaks.
#include <argot/context.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace argot::kernel {

struct LogOptions {
  LogLevel level = LogLevel::info;                           ///< what is quieter is dropped
  std::map<std::string, LogLevel, std::less<>> levels = {};  ///< other levels for some speakers, by plugin name
  std::filesystem::path file = {};                           ///< empty: standard error
  std::size_t max_file_bytes = 8 * 1024 * 1024;              ///< then a new file is begun; three old ones are kept
};

/// Not thread-safe, like everything on the loop.
class LiveLog {
 public:
  /// Throws Error(permission_denied) when the file cannot be opened.
  explicit LiveLog(LogOptions options);
  ~LiveLog();
  void write(LogLevel level, std::string_view who, std::string_view text);
  void set_level(LogLevel level) { options_.level = level; }
  void set_level(std::string who, LogLevel level) { options_.levels[std::move(who)] = level; }

 private:
  LogOptions options_;
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace argot::kernel
