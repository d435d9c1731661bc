#pragma once
// Reads one field of a call's parameters with the exact complaints clients know
// (storage_node.md section 4). Everything throws Refused(400, "invalid request: ...").
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calls.h"

namespace argot::node {

namespace json = boost::json;

/// Where the parameters came from: bencode has no booleans, and its byte strings are raw.
enum class Encoding { json, bencode };

[[noreturn]] void invalid(const std::string& why);
[[noreturn]] void missing(std::string_view field);

/// A view of the parameters, which must outlive it. null counts as absent.
class Fields {
 public:
  Fields(const json::object& params, Encoding encoding) : params_(params), encoding_(encoding) {}

  bool has(std::string_view name) const { return find(name) != nullptr; }
  Encoding encoding() const { return encoding_; }

  std::optional<std::string_view> text(std::string_view name) const;
  std::optional<std::vector<std::string>> texts(std::string_view name) const;
  bool flag(std::string_view name) const;  ///< absent: false
  std::optional<std::int64_t> number(std::string_view name) const;
  std::optional<std::int64_t> positive(std::string_view name) const;
  std::optional<std::vector<std::int64_t>> numbers(std::string_view name) const;
  /// Refuses small values, which are seconds (JSON only).
  std::optional<std::int64_t> timestamp(std::string_view name) const;
  std::optional<std::vector<std::int64_t>> timestamps(std::string_view name) const;
  /// Store's: also a decimal text, and no guard against seconds.
  std::optional<std::int64_t> lenient_timestamp(std::string_view name, std::string_view type) const;
  /// A whole number of milliseconds, 0 or more; anything else counts as absent, as for a node without the extension.
  std::optional<std::int64_t> wait(std::string_view name) const;
  std::int16_t ns() const;  ///< absent: 0
  NamespaceOrAll ns_or_all() const;

  /// Raw bytes of exactly this length, or (in JSON) base64 with or without padding.
  std::optional<Signature> signature(std::string_view name) const;

  /// The value as it is; null when absent.
  const json::value* any(std::string_view name) const { return find(name); }

  /// One of two spellings; both at once is an error.
  std::optional<std::string_view> text(std::string_view name, std::string_view alias) const;

 private:
  const json::value* find(std::string_view name) const;
  const json::object& params_;
  Encoding encoding_;
};

}  // namespace argot::node
