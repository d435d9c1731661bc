#include "rpc.h"

#include <boost/json/parse.hpp>

#include "arena.h"
#include "bencode.h"
#include "rpc_auth.h"
#include "rpc_meta.h"

namespace argot::node {
namespace {

constexpr std::size_t max_data = 76'800, max_revocations = 50;

template <class T> T required(std::optional<T> value, std::string_view field) {
  if (!value) missing(field);
  return std::move(*value);
}

/// 43 characters of the base64 alphabet; the bits they stand for do not matter.
bool is_base64_alphabet(std::string_view text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") ==
         std::string_view::npos;
}

std::vector<std::string> message_hashes(const Fields& fields) {
  auto messages = required(fields.texts("messages"), "messages");
  if (messages.empty()) invalid("messages does not contain any message hashes");
  for (const std::string& hash : messages)
    if (hash.size() != 43 || !is_base64_alphabet(hash)) invalid("invalid message hash: " + hash.substr(0, 200));
  return messages;
}

Bytes message_data(const Fields& fields) {
  const std::string_view given = required(fields.text("data"), "data");
  constexpr const char* too_long = "Message body exceeds maximum allowed length of 76800 bytes";
  const bool raw = fields.encoding() == Encoding::bencode;
  if (given.size() > (raw ? max_data : max_data / 3 * 4)) invalid(too_long);
  auto bytes = raw ? to_bytes(view(given)) : from_base64(given);
  if (!bytes) invalid("Invalid 'data' value: not base64 encoded");
  if (bytes->size() > max_data) invalid(too_long);
  return std::move(*bytes);
}

Store store(const Fields& fields) {
  Store call;
  call.timestamp = required(fields.lenient_timestamp("timestamp", "integer timestamp (in milliseconds)"), "timestamp");
  const auto ttl = fields.lenient_timestamp("ttl", "positive integer");
  const auto expiry = fields.timestamp("expiry");
  if (ttl && expiry) invalid("Cannot specify both 'expiry' and 'ttl'");
  if (!ttl && !expiry) invalid("Required field 'expiry' or 'ttl' missing");
  // A sum that overflows is an expiry beyond every limit.
  if (expiry)
    call.expiry = *expiry;
  else if (__builtin_add_overflow(call.timestamp, *ttl, &call.expiry))
    call.expiry = std::numeric_limits<std::int64_t>::max();
  call.auth = read_auth(fields, Aliases::allowed, SignatureNeed::optional);
  call.ns = fields.ns();
  call.sig_timestamp = fields.timestamp("sig_timestamp").value_or(call.timestamp);
  call.data = message_data(fields);
  return call;
}

Retrieve retrieve(const Fields& fields) {
  Retrieve call;
  call.ns = fields.ns();
  const bool signs = fields.has("pubkey_ed25519") || fields.has("signature") || fields.has("timestamp") ||
                     (fields.has("namespace") && !is_open_to_readers(call.ns));
  call.auth = read_auth(fields, Aliases::allowed, signs ? SignatureNeed::required : SignatureNeed::optional);
  call.timestamp = fields.timestamp("timestamp");
  if (signs && !call.timestamp) missing("timestamp");
  call.last_hash = fields.text("last_hash", "lastHash").value_or("");
  if (!call.last_hash.empty() && call.last_hash.size() != 43) invalid("Invalid last_hash: expected base64 (43 chars)");
  if (!is_base64_alphabet(call.last_hash)) invalid("Invalid last_hash: not base64");
  call.max_count = fields.number("max_count").value_or(0);
  call.max_size = fields.number("max_size").value_or(0);
  call.wait_ms = fields.wait("wait_ms");
  return call;
}

Delete remove(const Fields& fields) {
  Delete call;
  call.auth = read_auth(fields);
  call.messages = message_hashes(fields);
  call.required = fields.flag("required");
  return call;
}

DeleteAll delete_all(const Fields& fields) {
  DeleteAll call;
  call.auth = read_auth(fields);
  call.ns = fields.ns_or_all();
  call.timestamp = required(fields.timestamp("timestamp"), "timestamp");
  return call;
}

DeleteBefore delete_before(const Fields& fields) {
  DeleteBefore call;
  call.auth = read_auth(fields);
  call.ns = fields.ns_or_all();
  call.before = required(fields.timestamp("before"), "before");
  return call;
}

ExpireAll expire_all(const Fields& fields) {
  ExpireAll call;
  call.auth = read_auth(fields);
  call.ns = fields.ns_or_all();
  call.expiry = required(fields.timestamp("expiry"), "expiry");
  return call;
}

Expire expire(const Fields& fields) {
  Expire call;
  call.auth = read_auth(fields);
  call.messages = message_hashes(fields);
  call.expiries = required(fields.timestamps("expiry"), "expiry");
  if (call.expiries.size() != 1 && call.expiries.size() != call.messages.size())
    invalid("'expiry' must be a single expiry, or the same length as 'messages'");
  const bool shorten = fields.flag("shorten"), extend = fields.flag("extend");
  if (shorten && extend) invalid("cannot specify both 'shorten' and 'extend'");
  call.mode = shorten ? Expire::Mode::shorten : extend ? Expire::Mode::extend : Expire::Mode::set;
  return call;
}

GetExpiries get_expiries(const Fields& fields) {
  GetExpiries call;
  call.auth = read_auth(fields);
  call.messages = required(fields.texts("messages"), "messages");
  call.timestamp = required(fields.timestamp("timestamp"), "timestamp");
  return call;
}

Revoke revoke(const Fields& fields, std::string_view field) {
  Revoke call;
  call.undo = field == "unrevoke";
  call.auth = read_auth(fields);
  call.auth.subaccount.reset();  // the owner's own right
  call.timestamp = required(fields.timestamp("timestamp"), "timestamp");
  const auto tokens = required(fields.texts(field), field);
  if (!call.undo && tokens.size() > max_revocations)
    invalid("invalid revoke: cannot revoke more than 50 subaccounts at once");
  for (const std::string& token : tokens) {
    const auto bytes = read_token(token, fields.encoding());
    if (!bytes) invalid("invalid " + std::string(field) + ": expected base64 or hex-encoded subaccount token");
    call.tokens.push_back(*bytes);
  }
  return call;
}

OxendRequest oxend_request(const Fields& fields) {
  OxendRequest call;
  call.endpoint = required(fields.text("endpoint"), "endpoint");
  if (call.endpoint != "get_service_nodes" && call.endpoint != "ons_resolve")
    invalid("Invalid oxend endpoint '" + call.endpoint.substr(0, 200) + "'");
  if (const json::value* params = fields.any("params")) {
    call.params = *params;
    if (fields.encoding() == Encoding::bencode && params->is_string()) {
      json::error_code failure;
      call.params = json::parse(params->get_string(), failure);
      if (failure) invalid("Invalid value given for 'params': expected JSON");
    }
  }
  return call;
}

GetSwarm get_swarm(const Fields& fields) {
  GetSwarm call;
  call.account = read_account(fields, Aliases::allowed, "66 hex digits/33 bytes long");
  return call;
}

using Params = decltype(Call::params);
struct Method {
  std::string_view name;
  Params (*parse)(const Fields&);
  bool forwardable = false;  ///< recursive: every member of the swarm carries it out
};
constexpr Method methods[] = {
    {"store", [](const Fields& f) -> Params { return store(f); }, true},
    {"retrieve", [](const Fields& f) -> Params { return retrieve(f); }},
    {"delete", [](const Fields& f) -> Params { return remove(f); }, true},
    {"delete_all", [](const Fields& f) -> Params { return delete_all(f); }, true},
    {"delete_before", [](const Fields& f) -> Params { return delete_before(f); }, true},
    {"expire_all", [](const Fields& f) -> Params { return expire_all(f); }, true},
    {"expire", [](const Fields& f) -> Params { return expire(f); }, true},
    {"get_expiries", [](const Fields& f) -> Params { return get_expiries(f); }},
    {"revoke_subaccount", [](const Fields& f) -> Params { return revoke(f, "revoke"); }, true},
    {"unrevoke_subaccount", [](const Fields& f) -> Params { return revoke(f, "unrevoke"); }, true},
    {"get_swarm", [](const Fields& f) -> Params { return get_swarm(f); }},
    {"get_snodes_for_pubkey", [](const Fields& f) -> Params { return get_swarm(f); }},
    {"info", [](const Fields&) -> Params { return Info{}; }},
    {"oxend_request", [](const Fields& f) -> Params { return oxend_request(f); }},
    {"active_nodes_bin", [](const Fields&) -> Params { return ActiveNodes{}; }},
};

}  // namespace

bool is_plain_method(std::string_view name) {
  return std::any_of(std::begin(methods), std::end(methods), [&](const Method& m) { return m.name == name; });
}

Call parse_call(std::string_view method, const json::object& params, Encoding encoding) {
  Call call;
  call.method = method;
  for (const Method& known : methods)
    if (known.name == method) {
      call.params = known.parse(Fields(params, encoding));
      return call;
    }
  if (method == "batch" || method == "sequence")
    call.params = read_batch(params, method == "sequence");
  else if (method == "ifelse")
    call.params = read_ifelse(params);
  else
    throw Refused(400, "no method " + std::string(method.substr(0, 200)));
  return call;
}

Call parse_request(std::string_view body) {
  json::error_code failure;
  json::parse_options options;
  options.max_depth = 64;
  Arena arena;
  const json::value request = json::parse(body, failure, arena, options);
  if (failure) throw Refused(400, "invalid json");
  const json::object* fields = request.if_object();
  const json::value* method = fields ? fields->if_contains("method") : nullptr;
  if (!method || !method->is_string()) throw Refused(400, "invalid json: no `method` field");
  const json::value* params = fields->if_contains("params");
  if (!params || !params->is_object()) throw Refused(400, "invalid json: no `params` field");
  return parse_call(method->get_string(), params->get_object());
}

Call parse_forwarded(std::string_view method, std::string_view bencoded) {
  const bool forwardable = std::any_of(std::begin(methods), std::end(methods),
                                       [&](const Method& m) { return m.name == method && m.forwardable; });
  if (!forwardable) invalid("received invalid forwarded non-forwardable request");
  Arena arena;
  const auto params = bencode::decode(bencoded, arena);
  if (!params || !params->is_object()) invalid("expected a bencoded dictionary");
  return parse_call(method, params->get_object(), Encoding::bencode);
}

}  // namespace argot::node
