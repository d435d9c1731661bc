#include "onion_desk.h"

#include "rate_limit.h"

namespace argot::node {
namespace {

constexpr Duration hop_time = std::chrono::seconds(30), server_time = std::chrono::seconds(25);

http::Response answer(unsigned status, std::string body) {
  http::Response out;
  out.status = status;
  out.headers.emplace_back("Content-Type", "text/plain");
  out.body = std::move(body);
  return out;
}

http::Limits server_limits() {
  http::Limits limits;
  limits.timeout = server_time;
  limits.max_connections_per_host = 64;
  // A request that a server may have carried out is not repeated, so a kept connection must not turn out dead: it is
  // kept for a burst only.
  limits.idle = std::chrono::seconds(1);
  return limits;
}

}  // namespace

bool is_private_host(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost") || host.ends_with(".local")) return true;
  if (host.find(':') != std::string_view::npos) return true;  // IPv6: the network is one of IPv4
  const auto ip = parse_ipv4(host);
  if (!ip) {
    // "127.1", "0x7f000001", "2130706433": forms that a resolver may take for addresses.
    return host.empty() || (host.find_first_not_of("0123456789.xXabcdefABCDEF") == std::string_view::npos &&
                            host.find_first_of("0123456789") == 0);
  }
  const auto first = *ip >> 24, two = *ip >> 16;
  return first == 0 || first == 10 || first == 127 || first >= 224 || two == 0xa9fe || two == 0xc0a8 ||
         (two & 0xfff0) == 0xac10 || (two & 0xffc0) == 0x6440;
}

OnionDesk::OnionDesk(Context& ctx, const Service& service, CallDesk& desk, Links& links, Handle<Network> network,
                     Options options)
    : ctx_(ctx),
      service_(service),
      desk_(desk),
      links_(links),
      options_(options),
      plain_(std::in_place, ctx, network, http::Security::plain, server_limits()),
      tls_(std::in_place, ctx, network, http::Security::tls_unverified, server_limits()) {}

void OnionDesk::close() noexcept {
  plain_.reset();
  tls_.reset();
}

Task<http::Response> OnionDesk::from_client(std::string body) {
  auto keep = std::make_shared<const std::string>(std::move(body));
  onion::Layer layer;
  try {
    layer = onion::parse_request(view(*keep));
  } catch (const Error& error) {
    throw Refused(400, std::string("Error parsing onion request: ") + error.what());
  }
  return peel(std::move(keep), layer);
}

Task<LinkAnswer> OnionDesk::from_node(std::string body) {
  auto keep = std::make_shared<const std::string>(std::move(body));
  onion::Layer layer;
  try {
    layer = onion::parse_transfer(view(*keep));
  } catch (const Error& error) {
    throw Refused(400, std::string("Invalid internal onion request: ") + error.what());
  }
  if (layer.hop_no > onion::max_hops) throw Refused(400, "onion request max path length exceeded");
  http::Response response = co_await peel(std::move(keep), layer);
  LinkAnswer out;
  out.status = response.status;
  out.body = std::move(response.body);
  co_return out;
}

Task<http::Response> OnionDesk::peel(std::shared_ptr<const std::string> body, onion::Layer layer) {
  if (shutting_down_ || !service_.own_swarm()) co_return answer(503, "Snode not ready: " + service_.keys().name());
  const NodeKeys& keys = service_.keys();
  const auto channel = onion::Channel::of_node(layer.cipher, keys.x25519_secret(), keys.x25519(), layer.ephemeral_key);
  auto opened = channel ? channel->open(layer.ciphertext) : std::nullopt;
  if (!opened) co_return answer(400, "Invalid ciphertext");
  body.reset();
  const auto plain = std::make_shared<const Bytes>(std::move(*opened));
  auto step = onion::parse_step(*plain);
  if (!step) {
    const onion::ForMe how;
    co_return answer(
        200, onion::encode_node_reply(*channel, how, onion::invalid_step_status, onion::invalid_step_text, false));
  }
  if (auto* mine = std::get_if<onion::ForMe>(&*step)) co_return co_await here(*channel, *mine, plain);
  if (auto* node = std::get_if<onion::ForNode>(&*step)) co_return co_await to_node(*node, layer.hop_no);
  onion::ForServer server = std::move(std::get<onion::ForServer>(*step));
  co_return co_await to_server(*channel, std::move(server), plain);
}

Task<http::Response> OnionDesk::here(onion::Channel channel, onion::ForMe step, std::shared_ptr<const Bytes> plain) {
  RpcAnswer reply;
  RpcCall call;
  call.text = step.rpc;
  call.keeps = std::move(plain);
  try {
    reply = co_await desk_.serve(std::move(call));
  } catch (const Refused& refused) {
    reply.status = refused.status();
    reply.body = refused.what();
  }
  co_return answer(200, onion::encode_node_reply(channel, step, reply.status, reply.body, reply.is_json));
}

Task<http::Response> OnionDesk::to_node(onion::ForNode step, int hop_no) {
  const ServiceNode* next = service_.network().find(step.destination);
  if (!next) co_return answer(502, "Next node not found: " + to_hex(step.destination));
  std::string body = onion::encode_transfer(step, hop_no);
  try {
    ServiceNode peer = *next;
    LinkAnswer from = co_await links_.ask(std::move(peer), Endpoint::onion_request, std::move(body), hop_time);
    co_return answer(from.status, std::move(from.body));
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    if (error.code() == Code::timeout) co_return answer(504, "Request time out");
    ctx_.debug("An onion request could not go on: " + error.sentence());
    co_return answer(502, "Next node is currently unreachable: " + to_hex(step.destination));
  }
}

bool OnionDesk::may_reach(const std::string& host) const { return options_.private_servers || !is_private_host(host); }

Task<http::Response> OnionDesk::to_server(onion::Channel channel, onion::ForServer step,
                                          std::shared_ptr<const Bytes> plain) {
  const bool tls = step.protocol == "https";
  if ((!tls && step.protocol != "http") || !onion::is_allowed_target(step.target) || !may_reach(step.host)) {
    const onion::ForMe how;
    co_return answer(200, onion::encode_node_reply(channel, how, 400, "Invalid url", false));
  }
  auto& client = tls ? tls_ : plain_;
  if (!client) co_return answer(502, "shutting down");
  http::Request request;
  request.method = "POST";
  request.target = step.target;
  request.headers = {{"User-Agent", Service::server_name(service_.facts())},
                     {"Content-Type", "application/octet-stream"}};
  request.body = text_of(*plain);
  plain.reset();
  std::string address = step.host + ":" + std::to_string(step.port);
  try {
    http::Response from = co_await client->send(std::move(address), std::move(request), false);
    co_return from;
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    // The sentence may name what only this machine knows; the client gets the kind of failure.
    ctx_.debug("A server behind the onion did not answer: " + error.sentence());
    const bool late = error.code() == Code::timeout;
    co_return answer(late ? 504 : 502, late ? "Request time out" : "The server cannot be reached");
  }
}

}  // namespace argot::node
