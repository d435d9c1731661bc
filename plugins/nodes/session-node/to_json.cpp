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

void put(std::string& out, const json::value& value);

/// `put_member` writes one member's value.
template <class F> void put_object(std::string& out, const json::object& object, F put_member) {
  std::vector<const json::key_value_pair*> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->key() < b->key(); });
  char before = '{';
  for (const auto* member : members) {
    out += before;
    append_json(out, member->key());
    out += ':';
    put_member(*member);
    before = ',';
  }
  out += members.empty() ? "{}" : "}";
}

void put(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) {
    put_object(out, *object, [&](const auto& member) { put(out, member.value()); });
  } else if (const auto* array = value.if_array()) {
    char before = '[';
    for (const json::value& element : *array) {
      out += before;
      put(out, element);
      before = ',';
    }
    out += array->empty() ? "[]" : "]";
  } else if (const auto* text = value.if_string()) {
    append_json(out, *text);
  } else if (const auto* number = value.if_int64()) {
    out += std::to_string(*number);
  } else {
    out += json::serialize(value);
  }
}

void put(std::string& out, const Reply& reply);

void put_result(std::string& out, const Reply& reply) {
  out += R"({"body":)";
  put(out, reply);
  out += R"(,"code":)" + std::to_string(reply.status) + '}';
}

void put_results(std::string& out, const std::vector<Reply>& replies) {
  char before = '[';
  for (const Reply& reply : replies) {
    out += before;
    put_result(out, reply);
    before = ',';
  }
  out += replies.empty() ? "[]" : "]";
}

void put(std::string& out, const Reply& reply) {
  const auto* object = reply.body.if_object();
  if (!object) return put(out, reply.body);
  put_object(out, *object, [&](const auto& member) {
    const std::string_view key = member.key();
    if (!member.value().is_null())
      put(out, member.value());
    else if (key == "messages")
      out += reply.messages;
    else if (key == "results")
      put_results(out, reply.parts);
    else if (key == "result" && !reply.parts.empty())
      put_result(out, reply.parts.front());
    else
      out += "null";
  });
}

/// About as long as it gets: a page of messages, and little else.
std::size_t size_of(const Reply& reply) {
  std::size_t out = reply.messages.size() + 256;
  for (const Reply& part : reply.parts) out += size_of(part);
  return out;
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += json::serialize(json::string_view(text));
  }
}

std::string to_json(const json::value& value) {
  std::string out;
  put(out, value);
  return out;
}

std::string to_json(const Reply& reply) {
  std::string out;
  out.reserve(size_of(reply));
  put(out, reply);
  return out;
}

}  // namespace argot::node
