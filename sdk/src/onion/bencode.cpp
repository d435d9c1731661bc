#include "bencode.h"

#include <argot/error.h>

#include <charconv>

namespace argot::onion {
namespace {

[[noreturn]] void corrupt(const char* what) { throw Error(Code::corrupt, what); }

}  // namespace

void Bencode::expect(char c) {
  if (!at(c)) corrupt("it is not bencoded as it should be");
  rest_.remove_prefix(1);
}

std::string_view Bencode::string() {
  std::size_t size = 0;
  const char* end = rest_.data() + rest_.size();
  const auto [after, failure] = std::from_chars(rest_.data(), end, size);
  if (failure != std::errc() || after == end || *after != ':') corrupt("a text has no length");
  if (rest_.front() == '0' && after - rest_.data() > 1) corrupt("a length has leading zeros");
  rest_.remove_prefix(static_cast<std::size_t>(after - rest_.data()) + 1);
  if (size > rest_.size()) corrupt("a text is longer than what there is");
  const std::string_view out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

std::int64_t Bencode::number() {
  expect('i');
  std::int64_t value = 0;
  const char* end = rest_.data() + rest_.size();
  const auto [after, failure] = std::from_chars(rest_.data(), end, value);
  if (failure != std::errc() || after == end || *after != 'e') corrupt("a number cannot be read");
  const std::string_view digits(rest_.data(), static_cast<std::size_t>(after - rest_.data()));
  if (digits.starts_with("-0") || (digits.starts_with('0') && digits.size() > 1)) corrupt("a number has leading zeros");
  rest_.remove_prefix(digits.size() + 1);
  return value;
}

void Bencode::skip(int depth) {
  if (depth == 0) corrupt("it is nested too deep");
  if (at('i')) {
    number();
  } else if (at('l') || at('d')) {
    const bool pairs = at('d');
    rest_.remove_prefix(1);
    while (!at('e')) {
      if (pairs) string();
      skip(depth - 1);
    }
    expect('e');
  } else {
    string();
  }
}

void append_bencoded(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

}  // namespace argot::onion
