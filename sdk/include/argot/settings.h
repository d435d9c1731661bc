#pragma once
// Configuration of one plugin instance: already checked against the options in the plugin's descriptor.
#include <argot/error.h>
#include <argot/task.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace argot {

/// What a value may be. In YAML: text, whole number, true/false, "250ms"/"5s"/"2h", "64KiB"/"10MB",
/// list of texts.
enum class OptionType : std::uint8_t { text, number, flag, duration, size, list };

/// Values by option name. Every option of the descriptor is present (defaults filled in), except those
/// without a default that were left out: has() tells.
class ARGOT_API Settings {
 public:
  using Value = std::variant<std::string, std::int64_t, bool, Duration, std::vector<std::string>>;

  bool has(std::string_view name) const;
  // Each throws Error(internal) when the plugin asks for an option its descriptor does not declare so.
  const std::string& text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;  ///< number and size (bytes)
  bool flag(std::string_view name) const;
  Duration duration(std::string_view name) const;
  const std::vector<std::string>& list(std::string_view name) const;

  void set(std::string name, Value value) { values_[std::move(name)] = std::move(value); }
  const std::map<std::string, Value, std::less<>>& values() const { return values_; }

 private:
  const Value& find(std::string_view name) const;
  std::map<std::string, Value, std::less<>> values_;
};

/// "250ms", "5s", "3m", "2h", "14d" as a duration; "10", "64KiB", "10MB" as bytes. Nothing when malformed.
ARGOT_API std::optional<Duration> parse_duration(std::string_view text);
ARGOT_API std::optional<std::int64_t> parse_size(std::string_view text);

}  // namespace argot
