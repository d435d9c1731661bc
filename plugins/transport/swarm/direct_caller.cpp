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
}

Task<> DirectCaller::close() {
  ongoing_.end_all();
  quick_.reset();
  patient_.reset();
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

}  // namespace argot::swarm
