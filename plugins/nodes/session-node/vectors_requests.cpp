// Cases of whole requests: a client's JSON to a node that is the only one of its network, with a database in memory.
#include <boost/json/parse.hpp>

#include "forward.h"
#include "rpc.h"
#include "service.h"
#include "to_json.h"
#include "vector_groups.h"

namespace argot::node::cases {
namespace {

/// A node that is responsible for every account.
Service lone_node() {
  const Bytes seed(32, 7);
  auto keys = std::make_shared<const NodeKeys>(seed);
  Service service(keys, Facts{});
  ServiceNode self;
  self.host = "127.0.0.1";
  self.https_port = 22021;
  self.ed25519 = keys->ed25519();
  self.x25519 = keys->x25519();
  self.swarm = 0;
  service.set_network(NodeList({self}));
  return service;
}

/// `21 x {json}` in a case stands for an array of 21.
void expand_repeats(Object& params) {
  auto* requests = params.if_contains("requests");
  if (!requests || !requests->is_string()) return;
  const std::string text(requests->get_string());
  const auto times = text.find(" x ");
  if (times == std::string::npos) return;
  *requests = boost::json::array(std::stoul(text.substr(0, times)), boost::json::parse(text.substr(times + 3)));
}

/// Whether `found` has what `expected` has; "body.messages" names a member of the member body.
bool includes(const boost::json::value& found, const boost::json::value& expected) {
  if (expected.is_array()) {
    if (!found.is_array() || found.get_array().size() != expected.get_array().size()) return false;
    for (std::size_t i = 0; i < expected.get_array().size(); ++i)
      if (!includes(found.get_array()[i], expected.get_array()[i])) return false;
    return true;
  }
  if (!expected.is_object()) return found == expected;
  for (const auto& [key, value] : expected.get_object()) {
    const boost::json::value* at = &found;
    std::string_view path = key;
    while (at && !path.empty()) {
      const auto dot = std::min(path.find('.'), path.size());
      at = at->is_object() ? at->get_object().if_contains(path.substr(0, dot)) : nullptr;
      path.remove_prefix(std::min(dot + 1, path.size()));
    }
    if (!at || !includes(*at, value)) return false;
  }
  return true;
}

Reply run(const Object& inputs) {
  std::string body;
  std::int64_t now = 1'700'000'000'000;
  if (inputs.contains("now_ms")) now = static_cast<std::int64_t>(vectors::number(inputs, "now_ms"));
  if (inputs.contains("raw_body")) {
    body = vectors::text(inputs, "raw_body");
  } else {
    Object params = inputs.at("params").as_object();
    expand_repeats(params);
    body = to_json(Object{{"method", vectors::text(inputs, "method")}, {"params", params}});
  }
  Database db(":memory:", 1 << 26);
  try {
    return lone_node().handle_alone(parse_request(body), db, now);
  } catch (const Refused& refused) {
    return reply_of(refused);
  }
}

}  // namespace

Outcome request_result(const Object& inputs, const Object& expected_object) {
  vectors::Expectation expected(expected_object);
  const Reply reply = run(inputs);
  expected.number("status", reply.status);
  expected.note("body");
  const auto* body = expected_object.if_contains("body");
  const std::string text = to_json(reply);
  if (body && !includes(boost::json::parse(text), *body))
    return VectorResult{false, "body: expected " + to_json(*body) + ", found " + text + "."};
  return expected.result();
}

Outcome forwarded_request(const Object& inputs, const Object& expected_object) {
  const auto& parts = expected_object.at("parts").as_array();
  const std::string method(parts.at(0).as_string());
  const Call call = parse_call(method, inputs.at("client_params").as_object());
  const std::string forwarded = forwarded_params(call);
  vectors::Expectation expected(expected_object);
  expected.text("omq_request", "sn.storage_cc");
  expected.value("parts", boost::json::array{method, Object{{"hex", to_hex(view(forwarded))}}});
  // The peer must read the same call again.
  if (forwarded_params(parse_forwarded(method, forwarded)) != forwarded)
    return VectorResult{false, "The forwarded call changes when a peer reads it."};
  return expected.result();
}

}  // namespace argot::node::cases
