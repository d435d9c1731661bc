// Cases of signatures: what clients sign, what nodes sign, and what a subaccount may do.
#include "auth.h"
#include "keys.h"
#include "receipts.h"
#include "vector_groups.h"

namespace argot::node::cases {
namespace {

using vectors::Expectation;

std::vector<std::string> texts(const Object& inputs, std::string_view key) {
  std::vector<std::string> out;
  for (const auto& value : inputs.at(key).as_array()) out.emplace_back(value.as_string());
  return out;
}

std::vector<std::string> sorted_texts(const Object& inputs, std::string_view key) {
  auto out = texts(inputs, key);
  std::sort(out.begin(), out.end());
  return out;
}

std::int64_t time(const Object& inputs, std::string_view key) {
  return static_cast<std::int64_t>(vectors::number(inputs, key));
}

template <std::size_t N> Fixed<N> fixed(const Bytes& bytes) {
  if (bytes.size() != N)
    throw Error(Code::invalid_argument, "A value of the case is not " + std::to_string(N) + " bytes.");
  Fixed<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

std::int16_t namespace_of(const Object& inputs) {
  const auto* ns = inputs.if_contains("namespace");
  return ns ? ns->to_number<std::int16_t>() : std::int16_t{0};
}

/// A call with only what its signature covers.
std::optional<Call> call_to_sign(const Object& inputs) {
  Call call;
  call.method = vectors::text(inputs, "method");
  const std::string& method = call.method;
  if (method == "store") {
    Store c;
    c.ns = namespace_of(inputs);
    c.sig_timestamp = time(inputs, "sig_timestamp");
    call.params = c;
  } else if (method == "retrieve") {
    Retrieve c;
    c.ns = namespace_of(inputs);
    c.timestamp = time(inputs, "timestamp");
    call.params = c;
  } else if (method == "delete") {
    Delete c;
    c.messages = texts(inputs, "messages");
    call.params = c;
  } else if (method == "delete_all") {
    DeleteAll c;
    c.ns = namespace_of(inputs);
    c.timestamp = time(inputs, "timestamp");
    call.params = c;
  } else if (method == "delete_before") {
    DeleteBefore c;
    c.ns = namespace_of(inputs);
    c.before = time(inputs, "before");
    call.params = c;
  } else if (method == "expire_all") {
    ExpireAll c;
    c.ns = namespace_of(inputs);
    c.expiry = time(inputs, "expiry");
    call.params = c;
  } else if (method == "expire") {
    Expire c;
    c.messages = texts(inputs, "messages");
    c.expiries = {time(inputs, "expiry")};
    if (inputs.contains("shorten")) c.mode = Expire::Mode::shorten;
    if (inputs.contains("extend")) c.mode = Expire::Mode::extend;
    call.params = c;
  } else if (method == "get_expiries") {
    GetExpiries c;
    c.messages = texts(inputs, "messages");
    c.timestamp = time(inputs, "timestamp");
    call.params = c;
  } else if (method == "revoke_subaccount") {
    Revoke c;
    c.timestamp = time(inputs, "timestamp");
    for (const std::string& hex : texts(inputs, "revoke_hex")) c.tokens.push_back(fixed_from_hex<36>(hex).value());
    call.params = c;
  } else {
    return std::nullopt;
  }
  return call;
}

std::string receipt_of(const Object& inputs) {
  const std::string method = vectors::text(inputs, "method");
  if (method == "store") return receipt::store(vectors::text(inputs, "hash"));
  const AccountId account = AccountId::parse(vectors::text(inputs, "pubkey"));
  if (method == "delete") return receipt::remove(account, texts(inputs, "requested"), sorted_texts(inputs, "deleted"));
  if (method == "delete_before")
    return receipt::all(account, time(inputs, "before"), sorted_texts(inputs, "deleted_unsorted"));
  if (method == "expire_all") return receipt::all(account, time(inputs, "expiry"), sorted_texts(inputs, "updated"));
  std::vector<std::int64_t> applied;
  if (inputs.contains("applied_expiries"))
    for (const auto& each : inputs.at("applied_expiries").as_array()) applied.push_back(each.to_number<std::int64_t>());
  else
    applied.push_back(time(inputs, "applied_expiry"));
  std::map<std::string, std::int64_t> unchanged;
  if (inputs.contains("unchanged"))
    for (const auto& [hash, expiry] : inputs.at("unchanged").as_object())
      unchanged[std::string(hash)] = expiry.to_number<std::int64_t>();
  return receipt::expire(account, applied, texts(inputs, "requested"), sorted_texts(inputs, "updated"), unchanged);
}

/// The token's own key: what subaccount-008 asks for.
Outcome signature_by_subaccount(const Object& inputs, const Object& expected_object) {
  const auto call = call_to_sign(inputs);
  if (!call) return std::nullopt;
  const NodeKeys signer(vectors::hex(inputs, "subaccount_seed"));  // any Ed25519 pair will do
  const Bytes token = vectors::hex(inputs, "token_hex");
  const std::string message = signed_bytes(*call);
  Expectation expected(expected_object);
  expected.text("signed_ascii", message);
  expected.text("signature_b64", to_base64(signer.sign(message)));
  expected.hex("verify_with_pub", ByteView(token).subspan(4));
  return expected.result();
}

}  // namespace

Outcome signed_request(const Object& inputs, const Object& expected_object) {
  const auto call = call_to_sign(inputs);
  if (!call) return std::nullopt;
  const NodeKeys signer(vectors::hex(inputs, "signer_ed25519_seed"));
  const std::string message = signed_bytes(*call);
  Expectation expected(expected_object);
  expected.hex("signed_bytes_hex", view(message));
  if (expected.wants("signed_ascii")) expected.text("signed_ascii", message);
  expected.text("signature_b64", to_base64(signer.sign(message)));
  return expected.result();
}

Outcome node_reply_signature(const Object& inputs, const Object& expected_object) {
  const NodeKeys node(vectors::hex(inputs, "node_ed25519_seed"));
  const std::string message = receipt_of(inputs);
  Expectation expected(expected_object);
  expected.text("signed_ascii", message);
  expected.text("signature_b64", to_base64(node.sign(message)));
  return expected.result();
}

Outcome subaccount(const Object& inputs, const Object& expected_object) {
  if (inputs.contains("subaccount_seed")) return signature_by_subaccount(inputs, expected_object);
  Subaccount sub;
  sub.token = fixed<36>(vectors::hex(inputs, "token_hex"));
  sub.owner_signature = fixed<64>(vectors::base64(inputs, "subaccount_sig_b64"));
  if (vectors::base64(inputs, "token_b64") != to_bytes(sub.token))
    return VectorResult{false, "The two forms of the token differ."};
  Expectation expected(expected_object);
  expected.value("accepted", subaccount_allows(sub, static_cast<Byte>(vectors::number(inputs, "account_netid")),
                                               fixed<32>(vectors::hex(inputs, "account_ed25519_pub")),
                                               static_cast<Byte>(vectors::number(inputs, "required_flags"))));
  expected.note("reason");
  return expected.result();
}

}  // namespace argot::node::cases
