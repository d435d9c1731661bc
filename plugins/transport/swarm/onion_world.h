// Service nodes that relay onions, in a test: the first hop is spoken to over real HTTPS, the others by a call. Honest
// unless a test says otherwise, and everybody writes down what it sees.
#pragma once
#include "fake_nodes.h"

#include <argot/http.h>
#include <argot/onion.h>

#include <sodium.h>

namespace argot::swarm::test {

class OnionWorld {
 public:
  struct Seen {
    std::size_t node = 0;  ///< who saw it
    std::string from;      ///< "client", or the number of the node before
    std::string text;      ///< what it could read
  };
  /// What a node does instead of relaying: an answer, or nothing for the honest one.
  using Trick = std::function<std::optional<http::Response>(std::size_t node, const onion::ForNode& next)>;

  OnionWorld(TestContext& ctx, http::test::PipeNetwork& network, FakeNodes& nodes)
      : ctx_(ctx), network_(network), nodes_(nodes) {
    const http::Certificate certificate = http::make_certificate(ctx, "node");
    for (std::size_t i = 0; i < nodes.nodes.size(); ++i) {
      Fixed<32> seed, ed;
      seed.fill(static_cast<Byte>(100 + i));
      Fixed<64> secret;
      crypto_sign_seed_keypair(ed.data(), secret.data(), seed.data());
      crypto_sign_ed25519_sk_to_curve25519(secrets_.emplace_back().data(), secret.data());
      servers_.push_back(std::make_unique<http::Server>(ctx, handler(i), certificate));
      ctx.spawn("node", serve(network, *servers_.back(), nodes.nodes[i].contact.address()));
    }
    ctx.pass(Duration(1));
  }

  std::optional<std::size_t> number_of(const Fixed<32>& ed25519) const {
    for (std::size_t i = 0; i < nodes_.nodes.size(); ++i)
      if (nodes_.nodes[i].contact.ed25519 == ed25519) return i;
    return std::nullopt;
  }
  /// No longer reachable, for anybody.
  void kill(std::size_t i) {
    dead.insert(i);
    ctx_.run(servers_[i]->finish());
  }

  std::vector<Seen> seen;
  std::set<std::size_t> dead, silent;  ///< connections are refused; nobody ever answers
  Trick trick;
  /// A server outside, as the last hop reaches it; none: it cannot be reached.
  std::function<http::Response(const onion::ForServer& step, ByteView plain)> server;
  /// Changes what a node gives back.
  std::function<void(std::size_t node, http::Response&)> tamper;
  std::size_t first_hops = 0;  ///< requests of the client

 private:
  static Task<> serve(http::test::PipeNetwork& network, http::Server& server, std::string address) {
    auto listener = co_await network.listen(std::move(address));
    co_await server.serve(std::move(listener));
  }
  static http::Response text(unsigned status, std::string body) {
    http::Response out;
    out.status = status;
    out.body = std::move(body);
    return out;
  }
  http::HandlerFunction handler(std::size_t i) {
    return [this, i](http::Request request) -> Task<http::Response> { return answer(i, std::move(request)); };
  }
  Task<http::Response> answer(std::size_t i, http::Request request) {
    ++first_hops;
    if (silent.contains(i)) co_await ctx_.sleep(std::chrono::hours(1));
    if (request.target != "/onion_req/v2") {
      seen.push_back({i, "client", request.body});
      co_return text(404, "no such path");
    }
    const onion::Layer layer = onion::parse_request(view(request.body));
    co_return co_await peel(i, "client", layer);
  }
  Task<http::Response> peel(std::size_t i, std::string from, onion::Layer layer) {
    const ServiceNode& self = nodes_.nodes[i].contact;
    const auto channel = onion::Channel::of_node(layer.cipher, secrets_[i], self.x25519, layer.ephemeral_key);
    const auto plain = channel ? channel->open(layer.ciphertext) : std::nullopt;
    if (!plain) co_return text(400, "Invalid ciphertext");
    seen.push_back({i, std::move(from), std::string(text_of(*plain))});
    const auto step = onion::parse_step(*plain);
    if (!step) co_return text(200, onion::encode_node_reply(*channel, {}, 400, "Invalid json", false));
    http::Response out;
    if (const auto* mine = std::get_if<onion::ForMe>(&*step)) {
      const json::object call = json::parse(mine->rpc).as_object();
      const std::string method(call.at("method").as_string());
      co_await ctx_.sleep(std::chrono::milliseconds(5));
      const Reply reply = nodes_.answer(self.address(), method, call.at("params").as_object());
      out = text(200, onion::encode_node_reply(*channel, *mine, reply.status, reply.body, true));
    } else if (const auto* outside = std::get_if<onion::ForServer>(&*step)) {
      co_await ctx_.sleep(std::chrono::milliseconds(5));
      if (server)
        out = server(*outside, *plain);
      else
        out = text(502, "The server cannot be reached");
    } else {
      const auto& next = std::get<onion::ForNode>(*step);
      std::optional<http::Response> tricked;
      if (trick) tricked = trick(i, next);
      const auto number = number_of(next.destination);
      if (tricked) {
        out = std::move(*tricked);
      } else if (!number) {
        out = text(502, "Next node not found: " + to_hex(next.destination));
      } else if (dead.contains(*number)) {
        out = text(502, "Next node is currently unreachable: " + to_hex(next.destination));
      } else if (silent.contains(*number)) {
        co_await ctx_.sleep(std::chrono::seconds(30));
        out = text(504, "Request time out");
      } else {
        std::string name = std::to_string(i);
        const std::string wire = onion::encode_transfer(next, layer.hop_no);
        const Bytes bytes = to_bytes(view(wire));
        const onion::Layer inner = onion::parse_transfer(bytes);
        out = co_await peel(*number, std::move(name), inner);
      }
    }
    if (tamper) tamper(i, out);
    co_return out;
  }

  TestContext& ctx_;
  http::test::PipeNetwork& network_;
  FakeNodes& nodes_;
  std::deque<Fixed<32>> secrets_;
  std::vector<std::unique_ptr<http::Server>> servers_;
};

}  // namespace argot::swarm::test
