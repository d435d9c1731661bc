#include "fields.h"

#include <charconv>
#include <limits>

namespace argot::node {
namespace {

constexpr std::string_view timestamp_type = "integer timestamp (in milliseconds)";
constexpr std::int64_t smallest_ms = 1'000'000'000;

[[noreturn]] void wrong_type(std::string_view name, std::string_view type) {
  invalid("Invalid value given for '" + std::string(name) + "': expected " + std::string(type));
}

/// A whole number that fits, whatever way the JSON parser kept it.
std::optional<std::int64_t> whole(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64() && value.get_uint64() <= std::numeric_limits<std::int64_t>::max())
    return static_cast<std::int64_t>(value.get_uint64());
  return std::nullopt;
}

/// Calls `each` for the elements of a list, or once for a single element.
template <class F> void for_each_element(const json::value& value, F each) {
  if (!value.is_array()) return each(value);
  for (const json::value& element : value.get_array()) each(element);
}

}  // namespace

void invalid(const std::string& why) { throw Refused(400, "invalid request: " + why); }
void missing(std::string_view field) { invalid("Required field '" + std::string(field) + "' missing"); }

const json::value* Fields::find(std::string_view name) const {
  const json::value* value = params_.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

std::optional<std::string_view> Fields::text(std::string_view name) const {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) wrong_type(name, "string");
  return std::string_view(value->get_string());
}

std::optional<std::string_view> Fields::text(std::string_view name, std::string_view alias) const {
  if (has(name) && has(alias))
    invalid("Cannot specify both '" + std::string(name) + "' and '" + std::string(alias) + "'");
  return has(alias) ? text(alias) : text(name);
}

std::optional<std::vector<std::string>> Fields::texts(std::string_view name) const {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  std::vector<std::string> out;
  for_each_element(*value, [&](const json::value& element) {
    if (!element.is_string()) wrong_type(name, "string array");
    out.emplace_back(element.get_string());
  });
  return out;
}

bool Fields::flag(std::string_view name) const {
  const json::value* value = find(name);
  if (!value) return false;
  if (encoding_ == Encoding::json && value->is_bool()) return value->get_bool();
  const auto number = encoding_ == Encoding::bencode ? whole(*value) : std::nullopt;
  if (!number || *number < 0 || *number > 1) wrong_type(name, "boolean");
  return *number == 1;
}

std::optional<std::int64_t> Fields::number(std::string_view name) const {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  const auto number = whole(*value);
  if (!number) wrong_type(name, "integer");
  return number;
}

std::optional<std::int64_t> Fields::positive(std::string_view name) const {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  const auto number = whole(*value);
  if (!number || *number < 0) wrong_type(name, "positive integer");
  return number;
}

std::optional<std::vector<std::int64_t>> Fields::numbers(std::string_view name) const {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  std::vector<std::int64_t> out;
  for_each_element(*value, [&](const json::value& element) {
    const auto number = whole(element);
    if (!number) wrong_type(name, "integer array");
    out.push_back(*number);
  });
  return out;
}

std::optional<std::int64_t> Fields::timestamp(std::string_view name) const {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  const auto number = whole(*value);
  if (!number || *number < 0) wrong_type(name, timestamp_type);
  if (encoding_ == Encoding::json && *number < smallest_ms)
    invalid("Invalid timestamp for '" + std::string(name) + "': timestamp must be in milliseconds");
  return number;
}

std::optional<std::vector<std::int64_t>> Fields::timestamps(std::string_view name) const {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_array()) return std::vector<std::int64_t>{*timestamp(name)};
  std::vector<std::int64_t> out;
  for (const json::value& element : value->get_array()) {
    const auto number = whole(element);
    if (!number || *number < 0) wrong_type(name, "timestamp array");
    out.push_back(*number);
  }
  return out;
}

std::optional<std::int64_t> Fields::lenient_timestamp(std::string_view name, std::string_view type) const {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  auto number = whole(*value);
  if (value->is_string() && encoding_ == Encoding::json) {
    const std::string_view digits = value->get_string();
    std::int64_t parsed = 0;
    const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), parsed);
    if (failure == std::errc{} && end == digits.end()) number = parsed;
  }
  if (!number || *number < 0) wrong_type(name, type);
  return number;
}

std::optional<std::int64_t> Fields::wait(std::string_view name) const {
  const json::value* value = find(name);
  const auto number = value ? whole(*value) : std::nullopt;
  return number && *number >= 0 ? number : std::nullopt;
}

std::int16_t Fields::ns() const {
  const json::value* value = find("namespace");
  if (!value) return 0;
  if (!value->is_int64() && !value->is_uint64()) wrong_type("namespace", "16-bit integer");
  const auto number = whole(*value);
  if (!number || *number < std::numeric_limits<std::int16_t>::min() ||
      *number > std::numeric_limits<std::int16_t>::max())
    invalid("Invalid value given for 'namespace': value out of range");
  return static_cast<std::int16_t>(*number);
}

NamespaceOrAll Fields::ns_or_all() const {
  const json::value* value = find("namespace");
  if (!value) return std::int16_t{0};
  if (value->is_string() && value->get_string() == "all") return std::nullopt;
  if (!value->is_int64() && !value->is_uint64()) wrong_type("namespace", "integer or \"all\"");
  return ns();
}

std::optional<Signature> Fields::signature(std::string_view name) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  std::optional<Bytes> bytes;
  if (encoding_ == Encoding::bencode)
    bytes = to_bytes(view(*given));
  else if (given->size() == 86 || (given->size() == 88 && given->ends_with("==")))
    bytes = from_base64(*given);
  if (!bytes || bytes->size() != 64)
    invalid("invalid " + std::string(name) + ": expected " +
            (encoding_ == Encoding::json ? "base64 encoded" : "64-byte") + " Ed25519 signature");
  Signature out;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

}  // namespace argot::node
