// Cases of the pure rules: namespaces, swarms, addresses, rate limits, conditions.
#include <argot/swarms.h>
#include <algorithm>

#include "keys.h"
#include "namespaces.h"
#include "rate_limit.h"
#include "rpc_meta.h"
#include "swarm.h"
#include "vector_groups.h"

namespace argot::node::cases {
namespace {

using vectors::Expectation;

AccountId account(const Object& inputs) {
  const auto bytes = fixed_from_hex<33>(vectors::text(inputs, "pubkey_hex"));
  if (!bytes) throw Error(Code::invalid_argument, "The case's pubkey_hex is not 33 bytes of hex.");
  return AccountId(*bytes);
}

std::int64_t integer(const Object& inputs, std::string_view key) { return inputs.at(key).to_number<std::int64_t>(); }

std::string ipv4(std::uint64_t n) {
  return "10." + std::to_string(n >> 16 & 255) + "." + std::to_string(n >> 8 & 255) + "." + std::to_string(n & 255);
}

/// The numbers, from 1, of the requests at time 0 that are limited.
boost::json::array limited_at_once(RateLimiter& limiter, const std::string& source, std::uint64_t count) {
  boost::json::array limited;
  for (std::uint64_t i = 1; i <= count; ++i)
    if (limiter.limits(source, Duration(0))) limited.push_back(i);
  return limited;
}

boost::json::array limited_later(RateLimiter& limiter, const std::string& source, const boost::json::value& times) {
  boost::json::array limited;
  for (const auto& time : times.as_array())
    limited.push_back(limiter.limits(source, Duration(time.to_number<std::int64_t>())));
  return limited;
}

}  // namespace

Outcome namespace_rules(const Object& inputs, const Object& expected_object) {
  const auto n = static_cast<std::int16_t>(integer(inputs, "namespace"));
  Expectation expected(expected_object);
  expected.value("store_needs_signature", !is_public_inbox(n));
  expected.value("retrieve_needs_signature", !is_open_to_readers(n));
  expected.value("single_message_outbox", is_public_outbox(n));
  expected.value("revoked_subaccount_may_retrieve", is_open_to_revoked(n));
  expected.value("max_ttl_ms", max_ttl_ms(n));
  expected.text("text_in_signature_and_hash", namespace_text(n));
  return expected.result();
}

Outcome swarm_space(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  expected.text("swarm_position_u64", std::to_string(swarms::position(account(inputs))));
  return expected.result();
}

Outcome swarm_for_pubkey(const Object& inputs, const Object& expected_object) {
  std::vector<ServiceNode> nodes;
  for (const auto& id : inputs.at("swarm_ids").as_array()) {
    nodes.emplace_back();
    nodes.back().swarm = std::stoull(std::string(id.as_string()));
  }
  Expectation expected(expected_object);
  expected.text("swarm_id", std::to_string(NodeList(nodes).swarm_of(account(inputs)).value()));
  return expected.result();
}

Outcome base32z(const Object& inputs, const Object& expected_object) {
  const std::string address = snode_address(vectors::hex(inputs, "key_hex"));
  Expectation expected(expected_object);
  expected.text("address", address);
  expected.number("length", address.size() - std::string_view(".snode").size());
  return expected.result();
}

Outcome rate_limiter(const Object& inputs, const Object& expected_object) {
  RateLimiter limiter(vectors::text(inputs, "who") == "snode" ? RateLimiter::node_period : RateLimiter::client_period);
  Expectation expected(expected_object);
  if (inputs.contains("requests_at_t0")) {
    const std::string source = inputs.contains("source") ? vectors::text(inputs, "source") : ipv4(1);
    expected.value("limited", limited_at_once(limiter, source, vectors::number(inputs, "requests_at_t0")));
    if (inputs.contains("then_at_us"))
      expected.value("then_limited", limited_later(limiter, source, inputs.at("then_at_us")));
  } else if (inputs.contains("ip2_requests_at_t0")) {
    limited_at_once(limiter, ipv4(1), vectors::number(inputs, "ip1_requests_at_t0"));
    expected.value("ip2_limited", limited_at_once(limiter, ipv4(2), vectors::number(inputs, "ip2_requests_at_t0")));
  } else if (inputs.contains("distinct_ips_at_t0")) {
    const auto count = vectors::number(inputs, "distinct_ips_at_t0");
    for (std::uint64_t i = 0; i < count; ++i) limiter.limits(ipv4(i), Duration(0));
    expected.value("new_ip_limited_at_t0", limiter.limits(ipv4(count), Duration(0)));
    expected.value("new_ip_limited_later", limited_later(limiter, ipv4(count), inputs.at("then_new_ip_at_us")));
  } else {
    return std::nullopt;
  }
  return expected.result();
}

Outcome ifelse_condition(const Object& inputs, const Object& expected_object) {
  const Object& node = inputs.at("node").as_object();
  Facts facts;
  for (std::size_t i = 0; i < 2; ++i) facts.hf[i] = node.at("hf").at(i).to_number<std::int64_t>();
  for (std::size_t i = 0; i < 3; ++i) facts.version[i] = node.at("v").at(i).to_number<std::int64_t>();
  facts.height = integer(node, "height");
  Expectation expected(expected_object);
  expected.value("condition", holds(read_condition(inputs.at("if").as_object()), facts));
  return expected.result();
}

Outcome message_hash(const Object& inputs, const Object& expected_object) {
  if (!inputs.contains("netid")) return std::nullopt;  // the SDK knows the other shape
  const AccountId account(static_cast<Byte>(vectors::number(inputs, "netid")), vectors::hex(inputs, "pubkey32_hex"));
  const std::string text = inputs.contains("data_utf8") ? vectors::text(inputs, "data_utf8") : "";
  const Bytes data = inputs.contains("data_b64") ? vectors::base64(inputs, "data_b64") : to_bytes(view(text));
  Expectation expected(expected_object);
  expected.text("hash", keys::message_hash(account, static_cast<std::int16_t>(integer(inputs, "namespace")), data));
  return expected.result();
}

}  // namespace argot::node::cases
