#include "to_json.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

namespace argot::node {
namespace {

namespace json = boost::json;

/// Hashes, keys and base64 need no escapes: they are most of what is written.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

void put_text(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += json::serialize(json::string_view(text));
  }
}

void put(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : *object) members.push_back(&member);
    std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->key() < b->key(); });
    char before = '{';
    for (const auto* member : members) {
      out += before;
      put_text(out, member->key());
      out += ':';
      put(out, member->value());
      before = ',';
    }
    out += members.empty() ? "{}" : "}";
  } else if (const auto* array = value.if_array()) {
    char before = '[';
    for (const json::value& element : *array) {
      out += before;
      put(out, element);
      before = ',';
    }
    out += array->empty() ? "[]" : "]";
  } else if (const auto* text = value.if_string()) {
    put_text(out, *text);
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string to_json(const json::value& value) {
  std::string out;
  put(out, value);
  return out;
}

}  // namespace argot::node
