#pragma once
// Helpers for implementations of Vectors (vectors.h): reading a case's inputs and comparing its expectations.
//
//   Expectation expected(expected_object);
//   expected.hex("signature", sign(hex(inputs, "message")));
//   return expected.result();  // also fails when a key of the case was compared with nothing
#include <argot/bytes.h>
#include <argot/error.h>
#include <argot/vectors.h>

#include <set>

namespace argot::vectors {

using Object = boost::json::object;

inline bool has(const Object& object, std::string_view key) { return object.contains(key); }

/// True when every one of `keys` is there and nothing else: a shape of inputs that an implementation knows.
inline bool has_exactly(const Object& object, std::initializer_list<std::string_view> keys) {
  if (object.size() != keys.size()) return false;
  for (std::string_view key : keys)
    if (!object.contains(key)) return false;
  return true;
}

/// A text; throws Error(invalid_argument) that names the key when it is missing or something else.
inline std::string text(const Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value || !value->is_string())
    throw Error(Code::invalid_argument, "The case has no text \"" + std::string(key) + "\".");
  return std::string(value->get_string());
}

inline Bytes hex(const Object& object, std::string_view key) {
  auto bytes = from_hex(text(object, key));
  if (!bytes) throw Error(Code::invalid_argument, "The case's \"" + std::string(key) + "\" is not hexadecimal.");
  return std::move(*bytes);
}

inline Bytes base64(const Object& object, std::string_view key) {
  auto bytes = from_base64(text(object, key));
  if (!bytes) throw Error(Code::invalid_argument, "The case's \"" + std::string(key) + "\" is not base64.");
  return std::move(*bytes);
}

/// A whole number, written as one or as a decimal text (when it may exceed 2^53).
inline std::uint64_t number(const boost::json::value& value, std::string_view key) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
  if (value.is_string() && !value.get_string().empty() && value.get_string().size() < 20) {
    std::uint64_t sum = 0;
    bool digits = true;
    for (char c : value.get_string()) {
      digits = digits && c >= '0' && c <= '9';
      sum = sum * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (digits) return sum;
  }
  throw Error(Code::invalid_argument, "The case's \"" + std::string(key) + "\" is no whole number.");
}
inline std::uint64_t number(const Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value) throw Error(Code::invalid_argument, "The case has no number \"" + std::string(key) + "\".");
  return number(*value, key);
}

/// What a case expects. Each comparison is made only if the case has that key.
class Expectation {
 public:
  explicit Expectation(const Object& expected) : expected_(expected) {}

  bool wants(std::string_view key) const { return expected_.contains(key); }
  /// The case expects a failure: "error" is there.
  bool wants_error() const { return wants("error"); }

  void value(std::string_view key, const boost::json::value& found) {
    const auto* expected = take(key);
    if (expected && *expected != found) fail(key, boost::json::serialize(*expected), boost::json::serialize(found));
  }
  void text(std::string_view key, std::string_view found) { value(key, boost::json::value(found)); }
  void number(std::string_view key, std::uint64_t found) {
    if (const auto* expected = take(key))
      if (const auto wanted = vectors::number(*expected, key); wanted != found)
        fail(key, std::to_string(wanted), std::to_string(found));
  }
  void hex(std::string_view key, ByteView found) { text(key, to_hex(found)); }
  /// A fact about the case that this implementation cannot compute.
  void note(std::string_view key) { take(key); }

  /// Runs `action`, which the case expects to fail. When the case names the error, it must be a part of the sentence.
  template <class F> void error(F action) {
    const auto* expected = take("error");
    try {
      action();
      fail("error", expected ? boost::json::serialize(*expected) : "a failure", "no failure");
    } catch (const Error& error) {
      if (expected && expected->is_string() && error.sentence().find(expected->get_string()) == std::string::npos)
        fail("error", std::string(expected->get_string()), error.sentence());
    }
  }

  VectorResult result() const {
    if (!why_.empty()) return {false, why_};
    for (const auto& member : expected_)
      if (!taken_.contains(std::string(member.key())))
        return {false, "The expected \"" + std::string(member.key()) + "\" was compared with nothing."};
    return {true, {}};
  }

 private:
  const boost::json::value* take(std::string_view key) {
    taken_.emplace(key);
    return expected_.if_contains(key);
  }
  void fail(std::string_view key, std::string expected, std::string found) {
    if (why_.empty())
      why_ = std::string(key) + ": expected " + std::move(expected) + ", found " + std::move(found) + ".";
  }

  const Object& expected_;
  std::set<std::string> taken_;
  std::string why_;
};

/// Runs a case; an exception is a failed result, as Vectors::run promises.
template <class F> std::optional<VectorResult> guarded(F run) {
  try {
    return run();
  } catch (const std::exception&) {
    return VectorResult{false, to_error(std::current_exception()).sentence()};
  }
}

}  // namespace argot::vectors
