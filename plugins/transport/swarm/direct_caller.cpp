#include "direct_caller.h"

namespace argot::swarm {

constexpr Duration longest_hold = std::chrono::seconds(25);

static http::Limits limits_with(Duration timeout) {
  http::Limits limits;
  limits.timeout = timeout;
  limits.max_connections_per_host = 8;
  return limits;
}

DirectCaller::DirectCaller(Context& ctx, Handle<Network> network, Duration timeout) {
  quick_.emplace(ctx, network, http::Security::tls_unverified, limits_with(timeout));
  patient_.emplace(ctx, network, http::Security::tls_unverified, limits_with(timeout + longest_hold));
  http::Limits of_servers = limits_with(timeout + longest_hold);
  of_servers.max_body = 16 * 1024 * 1024;
  servers_.emplace(ctx, network, http::Security::plain, of_servers);
  tls_servers_.emplace(ctx, network, http::Security::tls_unverified, of_servers);
}

Task<> DirectCaller::close() {
  ongoing_.end_all();
  quick_.reset();
  patient_.reset();
  servers_.reset();
  tls_servers_.reset();
  co_return;
}

Task<Reply> DirectCaller::call(ServiceNode node, std::string method, boost::json::object params, Duration held) {
  boost::json::object call;
  call["method"] = method;
  call["params"] = std::move(params);
  http::Request request;
  request.method = "POST";
  request.target = "/storage_rpc/v1";
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = boost::json::serialize(call);
  // All methods may be repeated: what is stored twice has the same hash, what is deleted twice stays deleted.
  if (!quick_) throw Error(Code::cancelled, "The transport has stopped.");
  http::Client& client = held > Duration::zero() ? *patient_ : *quick_;
  Task<http::Response> sending = client.send(node.address(), std::move(request));
  http::Response response = co_await ongoing_.run(std::move(sending));
  Reply reply;
  reply.status = response.status;
  reply.body = std::move(response.body);
  co_return reply;
}

Task<onion::ServerReply> DirectCaller::ask(ServerCall call) {
  if (!servers_) throw Error(Code::cancelled, "The transport has stopped.");
  http::Request request;
  request.method = std::move(call.request.method);
  request.target = std::move(call.request.endpoint);
  request.headers = std::move(call.request.headers);
  if (call.request.body) request.body = std::move(*call.request.body);
  request.on_sent = std::move(call.on_sent);
  request.on_received = std::move(call.on_received);
  http::Client& client = call.server.tls ? *tls_servers_ : *servers_;
  std::string address = call.server.host + ":" + std::to_string(call.server.port);
  Task<http::Response> sending = client.send(std::move(address), std::move(request));
  http::Response response = co_await ongoing_.run(std::move(sending));
  onion::ServerReply reply;
  reply.code = response.status;
  reply.body = std::move(response.body);
  for (auto& [name, value] : response.headers) {
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    reply.headers.emplace_back(std::move(name), std::move(value));
  }
  co_return reply;
}

}  // namespace argot::swarm
