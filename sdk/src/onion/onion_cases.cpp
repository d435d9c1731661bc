// Cases of whole onions: wrapped by the client's code, peeled by the node's.
#include "onion_cases.h"

#include <argot/onion.h>

#include <memory>

namespace argot::onion::cases {
namespace {

using namespace vectors;
namespace json = boost::json;

/// Numbers that a case gives instead of random ones, in the order in which wrap() draws.
Random from_list(std::vector<Bytes> draws) {
  auto left = std::make_shared<std::vector<Bytes>>(std::move(draws));
  return [left](std::span<Byte> out) {
    if (left->empty() || left->front().size() != out.size())
      throw Error(Code::invalid_argument, "The case gives too few numbers, or of another size.");
    std::copy(left->front().begin(), left->front().end(), out.begin());
    left->erase(left->begin());
  };
}

Fixed<32> key(const Object& object, std::string_view name) {
  const auto bytes = fixed_from_hex<32>(text(object, name));
  if (!bytes) throw Error(Code::invalid_argument, "The case's \"" + std::string(name) + "\" is not 32 bytes.");
  return *bytes;
}

struct Peeled {
  Layer layer;
  Channel channel;
  Bytes plain;
};

Peeled peel(const Layer& layer, ByteView secret) {
  auto channel = Channel::of_node(layer.cipher, secret, public_of(secret), layer.ephemeral_key);
  auto plain = channel ? channel->open(layer.ciphertext) : std::nullopt;
  if (!plain) throw Error(Code::corrupt, "A layer of the onion does not open.");
  return {layer, std::move(*channel), std::move(*plain)};
}

Layer layer_of(const ForNode& next) { return {next.ciphertext, next.ephemeral_key, next.cipher, 0}; }

/// A complete onion with fixed keys: built, compared byte by byte, and peeled again.
Outcome whole_onion(const Object& inputs, const Object& expected_object) {
  const auto cipher = cipher_named(text(inputs, "enc_type"));
  const std::string destination = text(inputs, "destination");
  if (!cipher || (destination != "snode" && destination != "server")) return std::nullopt;
  std::vector<Hop> hops;
  std::vector<Bytes> secrets, draws;
  for (const auto& value : inputs.at("nodes").as_array()) {
    const Object& node = value.as_object();
    hops.push_back({key(node, "ed25519_public"), key(node, "x25519_public")});
    secrets.push_back(hex(node, "x25519_secret"));
  }
  const auto& ephemeral = inputs.at("ephemeral_secrets").as_array();
  const auto& nonces = inputs.at("nonces").as_array();
  for (std::size_t i = hops.size(); i > 0; --i) {
    draws.push_back(from_hex(ephemeral.at(i - 1).as_string()).value());
    draws.push_back(from_hex(nonces.at(i - 1).as_string()).value());
  }
  const Random random = from_list(std::move(draws));
  const std::span<const Hop> path(hops.data(), hops.size() - 1);
  WrapOptions options;
  options.cipher = *cipher;
  Wrapped wrapped;
  if (destination == "snode") {
    wrapped = wrap(path, hops.back(), R"({"method":"info","params":{}})", options, random);
  } else {  // the case does not say which: that of its expected bytes
    Server server;
    server.host = "filev2.getsession.org";
    server.port = 80;
    server.tls = false;
    server.x25519 = hops.back().x25519;
    ServerRequest request;
    request.endpoint = "/file/42/info";
    wrapped = wrap(path, server, encode(request), options, random);
  }
  Expectation expected(expected_object);
  expected.hex("http_body", view(wrapped.body));

  std::vector<Peeled> peeled;
  Layer next = parse_request(view(wrapped.body));
  for (std::size_t i = 0; i < hops.size(); ++i) {
    peeled.push_back(peel(next, secrets[i]));
    if (i + 1 == hops.size()) break;
    const auto step = parse_step(peeled.back().plain);
    if (!step) return VectorResult{false, "A hop cannot read its layer."};
    if (const auto* to_node = std::get_if<ForNode>(&*step))
      next = layer_of(*to_node);
    else if (std::holds_alternative<ForServer>(*step))
      next = parse_request(peeled.back().plain);
    else
      return VectorResult{false, "A hop takes its layer for the last one."};
  }
  expected.note("layers");
  if (const auto* layers = expected_object.if_contains("layers")) {
    if (layers->as_array().size() != peeled.size()) return VectorResult{false, "The number of layers differs."};
    for (std::size_t i = 0; i < peeled.size(); ++i) {  // the case lists the destination first
      Expectation layer(layers->as_array().at(peeled.size() - 1 - i).as_object());
      layer.note("for");
      layer.hex("plaintext", peeled[i].plain);
      layer.hex("ciphertext", peeled[i].layer.ciphertext);
      if (const VectorResult result = layer.result(); !result.passed) return result;
    }
  }
  return expected.result();
}

Outcome classify(ByteView plaintext, const Object& expected_object) {
  Expectation expected(expected_object);
  const auto step = parse_step(plaintext);
  if (expected.wants("note")) expected.note("note");
  if (!step) {
    expected.text("kind", "error");
    expected.text("error", "INVALID_JSON");
    if (const auto* reply = expected_object.if_contains("encrypted_reply_json")) {
      expected.note("encrypted_reply_json");
      const Object ours{{"status", invalid_step_status}, {"body", invalid_step_text}};
      if (*reply != json::value(ours)) return VectorResult{false, "The encrypted reply differs."};
    }
    expected.number("outer_http_status", 200);
    return expected.result();
  }
  if (const auto* mine = std::get_if<ForMe>(&*step)) {
    expected.text("kind", "final");
    expected.text("body_utf8", mine->rpc);
    expected.value("json", mine->json);
    expected.value("base64", mine->base64);
  } else if (const auto* server = std::get_if<ForServer>(&*step)) {
    expected.text("kind", "server");
    expected.note("payload");  // the whole plaintext
    expected.text("host", server->host);
    expected.number("port", server->port);
    expected.text("protocol", server->protocol);
    expected.text("target", server->target);
  } else {
    const auto& node = std::get<ForNode>(*step);
    expected.text("kind", "node");
    expected.text("ciphertext_utf8", text_of(node.ciphertext));
    expected.text("enc_type", name_of(node.cipher));
    expected.hex("destination", node.destination);
    expected.hex("ephemeral_key", node.ephemeral_key);
  }
  return expected.result();
}

Outcome reply_example(const Object& example, const Channel& channel) {
  const std::string inner = text(example, "inner_json");
  const Bytes nonce = hex(example, has(example, "iv_hex") ? "iv_hex" : "nonce_hex");
  Expectation expected(example);
  expected.note("inner_json");
  expected.note("iv_hex");
  expected.note("nonce_hex");
  const std::string outer = to_base64(channel.seal(view(inner), nonce));
  expected.text("outer_http_body_b64", outer);
  // The client's code reads it, and the node's code writes the same.
  Wrapped request;
  request.channels.push_back(channel);
  const NodeReply reply = open_node_reply(request, outer);
  ForMe how;
  how.base64 = false;
  const std::string ours = encode_node_reply(channel, how, reply.status, reply.body, true);
  const auto opened = channel.open(view(ours));
  if (!opened || text_of(*opened) != inner) return VectorResult{false, "A node would write the reply differently."};
  return expected.result();
}

Outcome v4_reply(const Object& inputs, const Object& expected_object) {
  const ServerReply reply = decode_server_reply(view(text(inputs, "decrypted_utf8")));
  Expectation expected(expected_object);
  expected.number("code", reply.code);
  expected.text("content_type", reply.header("content-type"));
  if (const auto* body = expected_object.if_contains("body"); body && !body->is_string())
    expected.value("body", json::parse(reply.body));
  else
    expected.text("body", reply.body);
  return expected.result();
}

}  // namespace

Outcome onion_request(const Object& inputs, const Object& expected) {
  if (has(inputs, "nodes")) return whole_onion(inputs, expected);
  if (has(inputs, "plaintext")) return classify(hex(inputs, "plaintext"), expected);
  if (has(inputs, "target")) return onion_target(inputs, expected);
  if (has(inputs, "decrypted_utf8")) return v4_reply(inputs, expected);
  return std::nullopt;
}

Outcome onion_outer(const Object& inputs, const Object& expected_object) {
  const Bytes payload = hex(inputs, "payload_hex");
  Expectation expected(expected_object);
  std::optional<Layer> layer;
  try {
    layer = parse_request(payload);
  } catch (const Error& error) {
    if (!expected.wants_error() && !expected.wants("http_status")) throw;
    expected.note("error");
    expected.number("http_status", 400);
    return expected.result();
  }
  expected.number("ciphertext_length", layer->ciphertext.size());
  expected.value("json", json::parse(split(payload)->json));
  expected.text("enc_type", name_of(layer->cipher));
  expected.hex("ephemeral_key", layer->ephemeral_key);
  expected.number("hop_no", static_cast<std::uint64_t>(layer->hop_no));
  if (has(inputs, "server_secret"))
    expected.text("plaintext_utf8", text_of(peel(*layer, hex(inputs, "server_secret")).plain));
  return expected.result();
}

Outcome onion_inner_parse(const Object& inputs, const Object& expected) {
  return classify(hex(inputs, "plaintext_hex"), expected);
}

Outcome onion_target(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  expected.value("allowed", is_allowed_target(text(inputs, "target")));
  return expected.result();
}

Outcome onion_chain(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  const auto& nodes = inputs.at("nodes").as_array();
  const Bytes body = hex(inputs, "http_body_hex");
  Layer next = parse_request(body);
  Bytes transfer, plain;  // what `next` borrows from
  std::optional<Peeled> last;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    last = peel(next, hex(nodes[i].as_object(), "x25519_secret"));
    expected.hex("hop" + std::to_string(i + 1) + "_plaintext_hex", last->plain);
    if (i + 1 == nodes.size()) break;
    plain = last->plain;
    const auto step = parse_step(plain);
    const auto* to_node = step ? std::get_if<ForNode>(&*step) : nullptr;
    if (!to_node) return VectorResult{false, "A hop cannot read its layer."};
    const std::string wire = encode_transfer(*to_node, next.hop_no);
    expected.hex("sn_onion_request_to_node" + std::to_string(i + 2) + "_hex", view(wire));
    transfer = to_bytes(view(wire));
    next = parse_transfer(transfer);
  }
  const auto step = parse_step(last->plain);
  const auto* mine = step ? std::get_if<ForMe>(&*step) : nullptr;
  if (!mine) return VectorResult{false, "The last hop does not take its layer for the last one."};
  expected.text("final_body_utf8", mine->rpc);
  expected.value("final_flags", json::object{{"json", mine->json}, {"base64", mine->base64}});
  if (const auto* example = expected_object.if_contains("reply_example")) {
    expected.note("reply_example");
    if (const Outcome outcome = reply_example(example->as_object(), last->channel); outcome && !outcome->passed)
      return outcome;
  }
  return expected.result();
}

}  // namespace argot::onion::cases

namespace argot::onion {
namespace {

class OnionVectors final : public Vectors {
 public:
  std::optional<VectorResult> run(std::string_view category, const boost::json::object& inputs,
                                  const boost::json::object& expected) const override {
    for (const Group& group : groups)
      if (group.name == category) return argot::vectors::guarded([&] { return group.run(inputs, expected); });
    return std::nullopt;
  }

 private:
  struct Group {
    std::string_view name;
    cases::Outcome (*run)(const cases::Object&, const cases::Object&);
  };
  static constexpr Group groups[] = {
      {"onion_hop", cases::onion_hop},         {"channel_encryption", cases::channel_encryption},
      {"onion_request", cases::onion_request}, {"onion_outer", cases::onion_outer},
      {"onion_target", cases::onion_target},   {"onion_inner_parse", cases::onion_inner_parse},
      {"onion_chain", cases::onion_chain},
  };
};

}  // namespace

const Vectors& vectors() {
  static const OnionVectors instance;
  return instance;
}

}  // namespace argot::onion
