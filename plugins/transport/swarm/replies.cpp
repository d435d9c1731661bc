#include "replies.h"

#include "cursor.h"
#include "signed_text.h"

#include <argot/error.h>

namespace argot::swarm {

namespace json = boost::json;

namespace {

constexpr std::size_t max_body = 10 * 1024 * 1024;       // storage_node.md section 2
constexpr std::size_t most_signatures = 50;              // that are checked in one answer: 60 µs each
constexpr std::size_t max_swarm = 200;                   // members of one swarm that are looked at
constexpr std::int64_t latest_ms = 253'402'300'799'000;  // the year 9999: more overflows microseconds

[[noreturn]] void corrupt(std::string what) { throw Error(Code::corrupt, std::move(what)); }

const json::value* member(const json::object& object, std::string_view name) { return object.if_contains(name); }

std::string_view text(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  const json::string* found = value ? value->if_string() : nullptr;
  return found ? std::string_view(*found) : std::string_view();
}

/// A time in milliseconds, or `absent`.
std::int64_t milliseconds(const json::object& object, std::string_view name, std::int64_t absent) {
  const json::value* value = member(object, name);
  if (!value || !value->is_int64()) return absent;  // larger numbers are uint64: no time either
  const std::int64_t found = value->get_int64();
  return found >= 0 && found <= latest_ms ? found : absent;
}

/// true, or 1 as entries that other nodes answered have it (storage_node.md section 10).
bool flag(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  return value && ((value->is_bool() && value->get_bool()) || (value->is_int64() && value->get_int64() == 1));
}

bool usable_host(std::string_view host) {
  auto good = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; };
  return !host.empty() && host.size() <= 253 && host != "0.0.0.0" && std::all_of(host.begin(), host.end(), good);
}

std::uint16_t port(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (!value || !value->is_int64() || value->get_int64() < 1 || value->get_int64() > 65535) return 0;
  return static_cast<std::uint16_t>(value->get_int64());
}

std::optional<ServiceNode> node_of(const json::value& value, std::uint64_t swarm) {
  const json::object* object = value.if_object();
  if (!object) return std::nullopt;
  ServiceNode out;
  const auto ed25519 = fixed_from_hex<32>(text(*object, "pubkey_ed25519"));
  const auto x25519 = fixed_from_hex<32>(text(*object, "pubkey_x25519"));
  out.host = std::string(text(*object, "ip"));
  out.https_port = port(*object, "port_https");
  if (!out.https_port) {  // "port" is the same as a text
    const std::string_view digits = text(*object, "port");
    unsigned number = 0;
    for (char c : digits) number = c >= '0' && c <= '9' && number < 100'000 ? number * 10 + unsigned(c - '0') : 100'000;
    if (number <= 65535) out.https_port = static_cast<std::uint16_t>(number);
  }
  out.omq_port = port(*object, "port_omq");
  out.swarm = swarm;
  if (!ed25519 || !x25519 || !usable_host(out.host) || !out.https_port) return std::nullopt;
  out.ed25519 = *ed25519;
  out.x25519 = *x25519;
  return out;
}

bool signed_by(const json::object& entry, std::string_view node_hex, std::string_view message) {
  const auto key = fixed_from_hex<32>(node_hex);
  const auto signature = from_base64(text(entry, "signature"));
  return key && signature && signature->size() == 64 && keys::verify(*signature, view(message), *key);
}

}  // namespace

std::string as_quote(std::string_view untrusted) {
  std::string out(untrusted.substr(0, 120));
  while (!out.empty() && std::isspace(static_cast<unsigned char>(out.back()))) out.pop_back();
  for (char& c : out)
    if (c < 32 || c > 126) c = '?';
  return "\"" + out + "\"";
}

json::object parse_object(std::string_view body) {
  if (body.size() > max_body) corrupt("is larger than 10 MiB");
  error_code failure;
  json::value value = json::parse(body, failure);
  if (failure) corrupt("is not JSON (" + failure.message() + ")");
  if (!value.is_object()) corrupt("is JSON, but no object");
  return std::move(value.get_object());
}

Common parse_common(const json::object& reply) { return {milliseconds(reply, "t", 0)}; }

SwarmReply parse_swarm(std::string_view body) {
  const json::object reply = parse_object(body);
  SwarmReply out;
  out.common = parse_common(reply);
  const json::value* nodes = member(reply, "snodes");
  if (!nodes || !nodes->is_array()) corrupt("has no list \"snodes\"");
  const std::string_view hex = text(reply, "swarm");
  std::uint64_t swarm = 0;
  if (hex.empty() || hex.size() > 16) corrupt("has no swarm id");
  for (char c : hex) {
    const auto digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) corrupt("has a swarm id that is not hexadecimal");
    swarm = swarm << 4 | digit;
  }
  for (const json::value& value : nodes->get_array()) {
    if (out.nodes.size() >= max_swarm) break;
    if (auto node = node_of(value, swarm)) out.nodes.push_back(std::move(*node));
  }
  return out;
}

StoreReply parse_store(std::string_view body, const ServiceNode& asked, const std::string& hash) {
  const json::object reply = parse_object(body);
  StoreReply out;
  out.common = parse_common(reply);
  const json::value* swarm = member(reply, "swarm");
  if (!swarm || !swarm->is_object()) corrupt("has no object \"swarm\"");
  const std::string asked_hex = to_hex(asked.ed25519);
  for (const auto& each : swarm->get_object()) {
    const bool own = each.key() == asked_hex;
    const json::object* entry = each.value().if_object();
    if (!entry || flag(*entry, "failed")) {
      if (own) out.problem = "says that storing failed";
      continue;
    }
    const std::string_view claimed = text(*entry, "hash");
    const bool has_signature = member(*entry, "signature") != nullptr;
    if (claimed != hash || (has_signature && !signed_by(*entry, each.key(), hash))) {
      if (!own) continue;  // somebody lies about somebody else: no vote
      out.lie = true;
      out.problem = claimed == hash ? "gave a signature of the hash that is not its own"
                                    : "gave a hash that the envelope does not have";
      continue;
    }
    // The entries of others are the asked node's word; only their signature makes them more.
    if (!own && !has_signature) continue;
    ++out.copies;
    out.stored = true;
    if (own || !out.expiry_ms) {
      out.expiry_ms = milliseconds(*entry, "expiry", out.expiry_ms);
      out.already = flag(*entry, "already");
    }
  }
  const std::string_view top = text(reply, "hash");
  if (!top.empty() && top != hash) {
    out.lie = true;
    out.problem = "gave a hash that the envelope does not have";
  }
  if (out.lie) out.stored = false;
  if (!out.stored && out.problem.empty()) out.problem = "did not say that it stored the envelope";
  return out;
}

RetrieveReply parse_retrieve(std::string_view body, const Mailbox& mailbox) {
  return parse_retrieve(parse_object(body), mailbox);
}

RetrieveReply parse_retrieve(const json::object& reply, const Mailbox& mailbox) {
  RetrieveReply out;
  out.common = parse_common(reply);
  const json::value* messages = member(reply, "messages");
  if (!messages || !messages->is_array()) corrupt("has no list \"messages\"");
  const json::value* more = member(reply, "more");
  out.more = more && more->is_bool() && more->get_bool();
  for (const json::value& value : messages->get_array()) {
    const json::object* object = value.if_object();
    if (!object) corrupt("has a message that is no object");
    const std::string_view hash = text(*object, "hash");
    if (!is_message_hash(hash)) corrupt("has a message without a hash");
    const std::int64_t expiry = milliseconds(*object, "expiration", 0);
    out.last_hash = std::string(hash);
    out.last_expiry_ms = expiry;
    auto data = from_base64(text(*object, "data"));
    if (!data || keys::message_hash(mailbox.account, mailbox.ns, *data) != hash) {
      ++out.mismatches;
      continue;
    }
    out.deliveries.push_back(
        {std::string(hash), std::move(*data), from_ms(milliseconds(*object, "timestamp", 0)), from_ms(expiry)});
  }
  // Else a node could keep us asking for ever.
  if (messages->get_array().empty() || out.mismatches) out.more = false;
  if (member(reply, "waited_ms")) out.waited_ms = milliseconds(reply, "waited_ms", 0);
  return out;
}

std::vector<Part> parse_parts(std::string_view body, std::size_t asked) {
  json::object reply = parse_object(body);
  json::value* results = reply.if_contains("results");
  if (!results || !results->is_array()) corrupt("has no list \"results\"");
  if (results->get_array().size() > asked)
    corrupt("has " + std::to_string(results->get_array().size()) + " results for " + std::to_string(asked) + " calls");
  std::vector<Part> out;
  for (json::value& value : results->get_array()) {
    json::object* object = value.if_object();
    const json::value* code = object ? member(*object, "code") : nullptr;
    json::value* result = object ? object->if_contains("body") : nullptr;
    if (!code || !code->is_int64() || code->get_int64() < 100 || code->get_int64() > 999 || !result)
      corrupt("has a result without code or body");
    out.push_back({static_cast<unsigned>(code->get_int64()), std::move(*result)});
  }
  return out;
}

std::optional<Reply> common_refusal(const std::vector<Part>& parts) {
  const Part* worst = nullptr;
  bool success = false;
  for (const Part& part : parts) {
    success |= part.status / 100 == 2;
    if (part.status == 421 || part.status == 406) {
      worst = &part;
      success = false;
      break;
    }
    if (!worst && part.status / 100 != 2) worst = &part;
  }
  if (!worst || success) return std::nullopt;
  Reply out;
  out.status = worst->status;
  out.body = worst->body.is_string() ? std::string(worst->body.get_string()) : json::serialize(worst->body);
  return out;
}

namespace {

/// Texts of a list; nothing when it is none, or is longer than what was asked for.
std::optional<std::vector<std::string>> hashes_in(const json::object& entry, std::string_view name, std::size_t most) {
  const json::value* value = member(entry, name);
  if (!value || !value->is_array() || value->get_array().size() > most) return std::nullopt;
  std::vector<std::string> out;
  for (const json::value& each : value->get_array()) {
    if (!each.is_string()) return std::nullopt;
    out.emplace_back(each.get_string());
  }
  return out;
}

/// What a member must have signed to say what it says; nothing when that makes no sense.
std::optional<std::string> signed_change(const json::object& entry, const Change& change) {
  const std::string account = change.account.text();
  if (!change.expiry_ms) {
    auto deleted = hashes_in(entry, "deleted", change.hashes.size());
    if (!deleted) return std::nullopt;
    return to_sign::delete_reply(account, change.hashes, std::move(*deleted));
  }
  auto updated = hashes_in(entry, "updated", change.hashes.size());
  const std::int64_t expiries[] = {
      milliseconds(entry, "expiry", -1)};  // that which was asked for, or the latest allowed
  if (!updated || expiries[0] < 0) return std::nullopt;
  std::map<std::string, std::int64_t> unchanged;
  if (const json::value* list = member(entry, "unchanged"); list && list->is_object()) {
    if (list->get_object().size() > change.hashes.size()) return std::nullopt;
    for (const auto& each : list->get_object())
      if (each.value().is_int64()) unchanged.emplace(each.key(), each.value().get_int64());
  }
  return to_sign::expire_reply(account, expiries, change.hashes, std::move(*updated), unchanged);
}

}  // namespace

ManyReply parse_many(std::string_view body, const ServiceNode& asked, const Change& change) {
  return parse_many(parse_object(body), asked, change);
}

ManyReply parse_many(const json::object& reply, const ServiceNode& asked, const Change& change) {
  ManyReply out;
  out.common = parse_common(reply);
  const json::value* swarm = member(reply, "swarm");
  if (!swarm || !swarm->is_object()) corrupt("has no object \"swarm\"");
  const std::string asked_hex = to_hex(asked.ed25519);
  std::size_t looked_at = 0;
  for (const auto& each : swarm->get_object()) {
    if (++looked_at > most_signatures) break;
    const json::object* entry = each.value().if_object();
    if (!entry || flag(*entry, "failed")) {
      ++out.failed;
      continue;
    }
    const auto text = signed_change(*entry, change);
    const bool holds = text && signed_by(*entry, each.key(), *text);
    ++(holds ? out.succeeded : out.failed);
    out.lie |= !holds && each.key() == asked_hex;
  }
  return out;
}

}  // namespace argot::swarm
