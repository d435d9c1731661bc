#include <argot/settings.h>

#include <charconv>
#include <limits>

namespace argot {
namespace {

/// Digits, then letters: "64KiB" as (64, "KiB"). Nothing when it does not begin with a digit or the number is too big.
std::optional<std::pair<std::int64_t, std::string_view>> number_and_unit(std::string_view text) {
  std::int64_t n = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failure != std::errc() || n < 0) return std::nullopt;
  return std::pair(n, text.substr(static_cast<std::size_t>(end - text.data())));
}

std::optional<std::int64_t> times(std::int64_t n, std::int64_t factor) {
  if (n > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
  return n * factor;
}

template <class T> const T& as(const Settings::Value& value, std::string_view name) {
  if (const T* found = std::get_if<T>(&value)) return *found;
  throw Error(Code::internal, "The option \"" + std::string(name) + "\" is of another type than the one asked for.",
              "This is a defect of the plugin: its code must agree with its descriptor.");
}

}  // namespace

const Settings::Value& Settings::find(std::string_view name) const {
  if (auto found = values_.find(name); found != values_.end()) return found->second;
  throw Error(Code::internal, "The option \"" + std::string(name) + "\" has no value.",
              "This is a defect of the plugin: it must declare the option in its descriptor, and ask has() when it has "
              "no default.");
}

bool Settings::has(std::string_view name) const { return values_.find(name) != values_.end(); }
const std::string& Settings::text(std::string_view name) const { return as<std::string>(find(name), name); }
std::int64_t Settings::number(std::string_view name) const { return as<std::int64_t>(find(name), name); }
bool Settings::flag(std::string_view name) const { return as<bool>(find(name), name); }
Duration Settings::duration(std::string_view name) const { return as<Duration>(find(name), name); }
const std::vector<std::string>& Settings::list(std::string_view name) const {
  return as<std::vector<std::string>>(find(name), name);
}

std::optional<Duration> parse_duration(std::string_view text) {
  auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  auto [n, unit] = *parts;
  std::int64_t factor = unit == "us"   ? 1
                        : unit == "ms" ? 1'000
                        : unit == "s"  ? 1'000'000
                        : unit == "m"  ? 60'000'000
                        : unit == "h"  ? 3'600'000'000
                        : unit == "d"  ? 86'400'000'000
                                       : 0;
  if (unit.empty() && n == 0) return Duration::zero();  // the only number that needs no unit
  if (factor == 0) return std::nullopt;
  auto micros = times(n, factor);
  return micros ? std::optional(Duration(*micros)) : std::nullopt;
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  auto [n, unit] = *parts;
  std::int64_t factor = unit.empty() || unit == "B"    ? 1
                        : unit == "kB" || unit == "KB" ? 1'000
                        : unit == "MB"                 ? 1'000'000
                        : unit == "GB"                 ? 1'000'000'000
                        : unit == "KiB"                ? 1'024
                        : unit == "MiB"                ? 1'048'576
                        : unit == "GiB"                ? 1'073'741'824
                                                       : 0;
  if (factor == 0) return std::nullopt;
  return times(n, factor);
}

}  // namespace argot
