#include <kernel/world/live_log.h>

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

namespace argot::kernel {

namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

spdlog::sink_ptr sink_of(const LogOptions& options) {
  // One lock for all sinks of the process: several kernels may run, each on a thread of its own.
  if (options.file.empty()) return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  try {
    return std::make_shared<spdlog::sinks::rotating_file_sink_st>(options.file.string(), options.max_file_bytes, 3);
  } catch (const spdlog::spdlog_ex&) {
    throw Error(Code::permission_denied, "The log file " + options.file.string() + " cannot be opened for writing.",
                "Check that its directory exists and is yours, or name another file.");
  }
}

// One message is one line, whatever a peer managed to put into it.
std::string one_line(std::string_view text) {
  constexpr std::size_t most = 2000;
  std::string line(text.substr(0, most));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  if (text.size() > most) line += " (cut)";
  return line;
}

}  // namespace

LiveLog::LiveLog(LogOptions options)
    : options_(std::move(options)), logger_(std::make_unique<spdlog::logger>("argot", sink_of(options_))) {
  logger_->set_level(spdlog::level::trace);
  logger_->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  logger_->flush_on(spdlog::level::warn);
}

LiveLog::~LiveLog() = default;

void LiveLog::write(LogLevel level, std::string_view who, std::string_view text) {
  const auto own = options_.levels.find(who);
  if (level < (own == options_.levels.end() ? options_.level : own->second)) return;
  logger_->log(level_of(level), "{}: {}", one_line(who), one_line(text));
}

}  // namespace argot::kernel
