// Protocol cases that this plugin answers for: snode_signature, snode_response_signature, swarm, and onions.
#include "signed_text.h"
#include "swarm_transport.h"

#include <argot/onion.h>
#include <argot/swarms.h>
#include <argot/vector_case.h>

namespace argot::swarm {
namespace {

using namespace vectors;

std::int64_t whole(const Object& object, std::string_view key) {
  return static_cast<std::int64_t>(number(object, key));
}

to_sign::Where where(const Object& inputs) {
  const auto* ns = inputs.if_contains("namespace");
  if (!ns) return std::int16_t{0};
  if (ns->is_string() && ns->get_string() == "all") return std::nullopt;
  return ns->to_number<std::int16_t>();
}

std::vector<std::string> texts(const Object& inputs, std::string_view key) {
  std::vector<std::string> out;
  for (const auto& value : inputs.at(key).as_array()) out.emplace_back(value.as_string());
  return out;
}

std::vector<std::int64_t> numbers(const boost::json::value& value) {
  if (!value.is_array()) return {value.to_number<std::int64_t>()};
  std::vector<std::int64_t> out;
  for (const auto& each : value.get_array()) out.push_back(each.to_number<std::int64_t>());
  return out;
}

std::optional<std::string> text_to_sign(const Object& inputs, const std::string& account) {
  const std::string method = text(inputs, "method");
  if (method == "store") return to_sign::store(where(inputs).value(), whole(inputs, "timestamp"));
  if (method == "retrieve") return to_sign::retrieve(where(inputs).value(), whole(inputs, "timestamp"));
  if (method == "delete") return to_sign::remove(texts(inputs, "messages"));
  if (method == "delete_all") return to_sign::delete_all(where(inputs), whole(inputs, "timestamp"));
  if (method == "delete_before") return to_sign::delete_before(where(inputs), whole(inputs, "before"));
  if (method == "expire_all") return to_sign::expire_all(where(inputs), whole(inputs, "expiry"));
  if (method == "expire") {
    auto is = [&](std::string_view key) { return has(inputs, key) && inputs.at(key).as_bool(); };
    const std::string_view how = is("shorten") ? "shorten" : is("extend") ? "extend" : "";
    return to_sign::expire(how, numbers(inputs.at("expiry")), texts(inputs, "messages"));
  }
  if (method == "get_expiries") return to_sign::get_expiries(whole(inputs, "timestamp"), texts(inputs, "messages"));
  if (method == "revoke_subaccount" || method == "unrevoke_subaccount") {
    std::vector<Bytes> tokens;
    for (const std::string& hex : texts(inputs, method == "revoke_subaccount" ? "revoke" : "unrevoke"))
      tokens.push_back(from_hex(hex).value());
    return to_sign::revoke(method, whole(inputs, "timestamp"), tokens);
  }
  if (method == "monitor")
    return to_sign::monitor(account, whole(inputs, "t"), inputs.at("d").to_number<int>() != 0, numbers(inputs.at("n")));
  return std::nullopt;
}

std::optional<VectorResult> snode_signature(const Object& inputs, const Object& expected_object) {
  const Object& signer = inputs.at("signer").as_object();
  const auto signed_text = text_to_sign(inputs, text(signer, "account_id"));
  if (!signed_text) return std::nullopt;
  Bytes secret = hex(signer, "ed25519_secret64");
  if (secret.size() != 64) return VectorResult{false, "The signer's secret key is not 64 bytes."};
  secret.resize(32);  // the seed; the rest is the public key
  Expectation expected(expected_object);
  expected.hex("signed_bytes_hex", view(*signed_text));
  if (expected.wants("signed_utf8")) expected.text("signed_utf8", *signed_text);
  expected.text("signature_base64", to_base64(make_identity(Secret(secret))->sign(view(*signed_text))));
  return expected.result();
}

/// A node's signature: checked where the case has it, and where it has only what is expected, checked against that.
std::optional<VectorResult> snode_response_signature(const Object& inputs, const Object& expected_object) {
  const std::string account = text(inputs, "pubkey");
  std::string signed_text;
  if (has(inputs, "deleted")) {
    signed_text = to_sign::delete_reply(account, texts(inputs, "requested"), texts(inputs, "deleted"));
  } else if (has(inputs, "updated") && has(inputs, "expiry")) {
    std::map<std::string, std::int64_t> unchanged;
    if (const auto* list = inputs.if_contains("unchanged"))
      for (const auto& each : list->as_object()) unchanged[each.key()] = each.value().to_number<std::int64_t>();
    signed_text = to_sign::expire_reply(account, numbers(inputs.at("expiry")), texts(inputs, "requested"),
                                        texts(inputs, "updated"), unchanged);
  } else {
    return std::nullopt;
  }
  Expectation expected(expected_object);
  expected.text("signed_utf8", signed_text);
  const Object& signature_in = has(inputs, "signature_base64") ? inputs : expected_object;
  if (has(expected_object, "signature_base64")) expected.note("signature_base64");
  expected.value("valid", keys::verify(base64(signature_in, "signature_base64"), view(signed_text),
                                       hex(inputs, "node_ed25519_public")));
  return expected.result();
}

std::optional<VectorResult> swarm_of(const Object& inputs, const Object& expected_object) {
  const auto bytes = fixed_from_hex<33>(text(inputs, "pubkey"));
  if (!bytes) return VectorResult{false, "The case's pubkey is not 33 bytes."};
  const std::uint64_t position = swarms::position(AccountId(*bytes));
  Expectation expected(expected_object);
  expected.text("u64_decimal", std::to_string(position));
  if (const auto* list = inputs.if_contains("swarm_ids")) {
    std::vector<std::uint64_t> ids;
    for (const auto& id : list->as_array()) ids.push_back(std::stoull(std::string(id.as_string())));
    std::sort(ids.begin(), ids.end());
    const auto id = swarms::nearest(ids, position);
    expected.text("swarm_id", id ? std::to_string(*id) : "none");
  }
  return expected.result();
}

}  // namespace

std::optional<VectorResult> SwarmTransport::run(std::string_view category, const boost::json::object& inputs,
                                                const boost::json::object& expected) const {
  if (category == "snode_signature") return guarded([&] { return snode_signature(inputs, expected); });
  if (category == "snode_response_signature")
    return guarded([&] { return snode_response_signature(inputs, expected); });
  if (category == "swarm") return guarded([&] { return swarm_of(inputs, expected); });
  return onion::vectors().run(category, inputs, expected);
}

}  // namespace argot::swarm
