#include "front.h"

#include "bencode.h"
#include "forward.h"
#include "peer_auth.h"
#include "rpc.h"
#include "to_json.h"

namespace argot::node {
namespace {

constexpr std::size_t max_requests_inside = 1'000, max_bytes_inside = 256 * 1024 * 1024;

http::Response response_of(unsigned status, std::string body, const char* type) {
  http::Response out;
  out.status = status;
  out.headers.emplace_back("Content-Type", type);
  out.body = std::move(body);
  return out;
}

http::Response response_of(const Reply& reply) {
  if (const auto* text = reply.body.if_string()) return response_of(reply.status, std::string(*text), "text/plain");
  return response_of(reply.status, to_json(reply.body), "application/json");
}

http::Response response_of(const Refused& refused) {
  return response_of(refused.status(), refused.what(), "text/plain");
}

/// "127.0.0.1:50312" without its port.
std::string_view host_of(std::string_view peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

/// A place among the requests that are worked on; refuses when there is none.
class Admission {
 public:
  Admission(Front& front, std::size_t bytes) : front_(front), bytes_(bytes) {
    if (front.requests_inside_ >= max_requests_inside || front.bytes_inside_ + bytes > max_bytes_inside)
      throw Refused(503, "Server busy, try again later");
    ++front.requests_inside_;
    front.bytes_inside_ += bytes;
  }
  Admission(const Admission&) = delete;
  ~Admission() {
    --front_.requests_inside_;
    front_.bytes_inside_ -= bytes_;
  }

 private:
  Front& front_;
  std::size_t bytes_;
};

std::string Front::server_name(const Facts& facts) {
  const auto& v = facts.version;
  return "Oxen Storage Server/" + std::to_string(v[0]) + "." + std::to_string(v[1]) + "." + std::to_string(v[2]);
}

Task<http::Response> Front::handle(http::Request request) {
  const std::string route = request.method + " " + request.target;
  try {
    if (route == "POST /storage_rpc/v1") co_return co_await storage_rpc(std::move(request));
    if (route == "POST /swarm_rpc/v1") co_return co_await swarm_rpc(std::move(request));
    // POST /onion_req/v2 joins here: it passes check_ready() and Admission only.
    if (route == "POST /ping_test/v1") co_return ping_test();
    if (route == "GET /get_stats/v1") {
      const std::string name = server_name(service_.facts());
      const json::object stats{{"version", name.substr(name.find('/') + 1)}};
      co_return response_of(200, to_json(stats), "application/json");
    }
  } catch (const Refused& refused) {
    co_return response_of(refused);
  } catch (const std::invalid_argument& error) {
    ctx_.warn(std::string("A request could not be worked on: ") + error.what());
    co_return response_of(500, "request failed", "text/plain");
  }
  std::string method = request.method;
  for (char& c : method)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  co_return response_of(404, method + " " + request.target + " Not Found", "text/plain");
}

void Front::check_ready() const {
  const char* reason = shutting_down_ ? "shutting down" : !service_.own_swarm() ? "not in any swarm" : nullptr;
  if (reason) throw Refused(503, std::string("Service node is not ready: ") + reason + "\n");
}

void Front::check_source(const http::Request& request) {
  const std::string_view source = host_of(request.peer);
  // Only IPv4, says the protocol; hosts of a simulation have names, which have no colon either.
  if (source.find(':') != std::string_view::npos) throw Refused(400, "Bad Request\n");
  if (options_.rate_limit && limiter_.limits(source, ctx_.uptime())) throw Refused(429, "Too Many Requests\n");
}

Task<http::Response> Front::storage_rpc(http::Request request) {
  check_ready();
  check_source(request);
  if (!request.header("X-Loki-Long-Poll").empty())
    throw Refused(410, "long polling is no longer supported, client upgrade required");
  Admission admission(*this, request.body.size());
  auto call = std::make_shared<const Call>(parse_request(request.body));
  request.body = {};
  const Reply reply = co_await dispatcher_.from_client(std::move(call));
  co_return response_of(reply);
}

Task<http::Response> Front::swarm_rpc(http::Request request) {
  check_ready();
  verify_request(request, service_.network(), service_.keys(), to_ms(ctx_.now()));
  Admission admission(*this, request.body.size());
  Reply reply;
  std::shared_ptr<const Call> call;
  try {
    const auto parts = bencode::decode(request.body);
    const auto* list = parts ? parts->if_array() : nullptr;
    if (!list || list->size() != 2 || !(*list)[0].is_string() || !(*list)[1].is_string())
      throw Refused(400, "invalid request: expected a method and its parameters");
    call = std::make_shared<const Call>(parse_forwarded((*list)[0].get_string(), (*list)[1].get_string()));
  } catch (const Refused& refused) {
    reply = reply_of(refused);
  }
  if (call) reply = co_await dispatcher_.from_node(std::move(call));
  http::Response response = response_of(reply);
  sign_answer(service_.keys(), request, response);
  co_return response;
}

http::Response Front::ping_test() const {
  http::Response out = response_of(200, "", "text/plain");
  out.headers.emplace_back("X-Oxen-Snode-Pubkey", to_base64(service_.keys().ed25519()));
  return out;
}

}  // namespace argot::node
