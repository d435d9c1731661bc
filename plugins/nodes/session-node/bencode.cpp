#include "bencode.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <vector>

namespace argot::node::bencode {

void put_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

namespace {

namespace json = boost::json;

void put(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::bool_: out += value.get_bool() ? "i1e" : "i0e"; break;
    case json::kind::int64: out += 'i' + std::to_string(value.get_int64()) + 'e'; break;
    case json::kind::uint64: out += 'i' + std::to_string(value.get_uint64()) + 'e'; break;
    case json::kind::string: put_text(out, value.get_string()); break;
    case json::kind::array:
      out += 'l';
      for (const json::value& element : value.get_array()) put(out, element);
      out += 'e';
      break;
    case json::kind::object: {
      std::vector<const json::key_value_pair*> members;
      for (const auto& member : value.get_object()) members.push_back(&member);
      std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->key() < b->key(); });
      out += 'd';
      for (const auto* member : members) {
        put_text(out, member->key());
        put(out, member->value());
      }
      out += 'e';
      break;
    }
    default: throw std::invalid_argument("a value without a form in bencode");
  }
}

struct Malformed {};

class Reader {
 public:
  Reader(std::string_view text, json::storage_ptr storage) : rest_(text), storage_(std::move(storage)) {}

  json::value value(int depth = 0) {
    if (depth > 32) throw Malformed{};
    switch (peek()) {
      case 'i': return integer();
      case 'l': {
        json::array list(storage_);
        for (skip(); peek() != 'e';) list.push_back(value(depth + 1));
        skip();
        return list;
      }
      case 'd': return dictionary(depth);
      default: return json::value(text(), storage_);
    }
  }
  bool done() const { return rest_.empty(); }

 private:
  char peek() const {
    if (rest_.empty()) throw Malformed{};
    return rest_[0];
  }
  void skip(std::size_t n = 1) { rest_.remove_prefix(n); }

  json::value dictionary(int depth) {
    json::object out(storage_);
    std::string_view last;
    for (skip(); peek() != 'e';) {
      const std::string_view key = text();
      json::value member = value(depth + 1);
      if (!out.empty() && key <= last) continue;
      last = key;
      out.emplace(key, std::move(member));
    }
    skip();
    return out;
  }

  std::string_view text() {
    const std::size_t size = digits<std::size_t>(':');
    if (size > rest_.size()) throw Malformed{};
    const std::string_view out = rest_.substr(0, size);
    skip(size);
    return out;
  }

  json::value integer() {
    skip();
    if (peek() == '-') return json::value(digits<std::int64_t>('e'), storage_);
    const auto number = digits<std::uint64_t>('e');
    if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return json::value(static_cast<std::int64_t>(number), storage_);
    return json::value(number, storage_);
  }

  template <class T> T digits(char end) {
    T out{};
    const auto [at, failure] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (failure != std::errc{} || at == rest_.data() + rest_.size() || *at != end) throw Malformed{};
    skip(static_cast<std::size_t>(at - rest_.data()) + 1);
    return out;
  }

  std::string_view rest_;
  json::storage_ptr storage_;
};

}  // namespace

std::string encode(const json::value& value) {
  std::string out;
  put(out, value);
  return out;
}

std::optional<json::value> decode(std::string_view text, json::storage_ptr storage) {
  try {
    Reader reader(text, std::move(storage));
    json::value value = reader.value();
    if (!reader.done()) return std::nullopt;
    return value;
  } catch (const Malformed&) {
    return std::nullopt;
  }
}

}  // namespace argot::node::bencode
