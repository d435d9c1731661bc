// Protocol cases that this plugin answers for: snode_signature.
#include "signed_text.h"
#include "swarm_transport.h"

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

}  // namespace

std::optional<VectorResult> SwarmTransport::run(std::string_view category, const boost::json::object& inputs,
                                                const boost::json::object& expected_object) const {
  if (category != "snode_signature") return std::nullopt;
  return guarded([&]() -> std::optional<VectorResult> {
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
  });
}

}  // namespace argot::swarm
