// Requests to servers behind the onion, version 4: a bencoded list of a JSON head and a body.
#include "bencode.h"
#include "reply.h"

#include <boost/json.hpp>

namespace argot::onion {

namespace json = boost::json;

namespace {

constexpr std::size_t max_head = 64 * 1024;

[[noreturn]] void corrupt(std::string what) { throw Error(Code::corrupt, std::move(what)); }

struct Parts {
  json::object head;
  std::optional<std::string_view> body;
};

Parts parts_of(ByteView plain) {
  Bencode in(text_of(plain));
  in.expect('l');
  const std::string_view head = in.string();
  Parts out;
  if (!in.at('e')) out.body = in.string();
  in.expect('e');
  if (!in.done()) corrupt("something follows it");
  if (head.size() > max_head) corrupt("its head is longer than 64 KiB");
  boost::system::error_code failure;
  json::value value = json::parse(head, failure);
  if (failure || !value.is_object()) corrupt("its head is no JSON object");
  out.head = std::move(value.get_object());
  return out;
}

Headers headers_in(const json::object& head) {
  Headers out;
  const json::value* headers = head.if_contains("headers");
  if (!headers || headers->is_null()) return out;
  if (!headers->is_object()) corrupt("its headers are no object");
  for (const auto& each : headers->get_object()) {
    std::string name(each.key());
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    out.emplace_back(std::move(name),
                     each.value().is_string() ? std::string(each.value().get_string()) : json::serialize(each.value()));
  }
  return out;
}

json::object to_json(const Headers& headers) {
  json::object out;
  for (const auto& [name, value] : headers) out[name] = value;
  return out;
}

std::string list_of(const json::object& head, const std::string* body) {
  const std::string text = json::serialize(head);
  std::string out = "l";
  out.reserve(text.size() + (body ? body->size() : 0) + 32);
  append_bencoded(out, text);
  if (body) append_bencoded(out, *body);
  return out + "e";
}

}  // namespace

std::string_view ServerReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::string encode(const ServerRequest& request) {
  if (!request.endpoint.starts_with('/'))
    throw Error(Code::invalid_argument, "The endpoint \"" + request.endpoint + "\" does not begin with a slash.");
  json::object head;
  head["method"] = request.method;
  head["endpoint"] = request.endpoint;
  head["headers"] = to_json(request.headers);
  return list_of(head, request.body ? &*request.body : nullptr);
}

std::string encode(const ServerReply& reply) {
  json::object head;
  head["code"] = reply.code;
  head["headers"] = to_json(reply.headers);
  return list_of(head, &reply.body);
}

ServerRequest decode_server_request(ByteView plain) {
  Parts parts = parts_of(plain);
  ServerRequest out;
  for (const char* key : {"method", "endpoint"}) {
    const json::value* value = parts.head.if_contains(key);
    if (!value || !value->is_string() || value->get_string().empty())
      corrupt("its head has no text \"" + std::string(key) + "\"");
    (key[0] == 'm' ? out.method : out.endpoint) = std::string(value->get_string());
  }
  if (!out.endpoint.starts_with('/')) corrupt("its endpoint does not begin with a slash");
  out.headers = headers_in(parts.head);
  if (parts.body) out.body = std::string(*parts.body);
  return out;
}

ServerReply decode_server_reply(ByteView plain) {
  Parts parts = parts_of(plain);
  const json::value* code = parts.head.if_contains("code");
  if (!code || !code->is_int64() || code->get_int64() < 100 || code->get_int64() > 999) corrupt("it has no code");
  if (!parts.body) corrupt("it has no body");
  ServerReply out;
  out.code = static_cast<unsigned>(code->get_int64());
  out.headers = headers_in(parts.head);
  out.body = std::string(*parts.body);
  return out;
}

ServerReply open_server_reply(const Wrapped& request, std::string_view http_body) {
  const OpenReply opened = open_reply(request, http_body);
  if (opened.from != 0) corrupt("A node of the path refused its layer of the onion.");
  try {
    return decode_server_reply(opened.plain);
  } catch (const Error& error) {
    corrupt("The reply of a server behind an onion is unreadable: " + std::string(error.what()) + ".");
  }
}

}  // namespace argot::onion
