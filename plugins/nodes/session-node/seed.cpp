#include "seed.h"

namespace argot::node {

Task<http::Response> Seed::handle(http::Request request) {
  http::Response out;
  const std::string_view peer = request.peer;
  if (request.method != "POST" || request.target != "/json_rpc") {
    out.status = 404;
    out.headers.emplace_back("Content-Type", "text/plain");
    out.body = "Not Found\n";
  } else if (limiter_.limits(peer.substr(0, peer.rfind(':')), ctx_.uptime())) {
    out.status = 429;
    out.headers.emplace_back("Content-Type", "text/plain");
    out.body = "Too Many Requests\n";
  } else {
    // Clients want exactly this type, without a character set.
    out.headers.emplace_back("Content-Type", "application/json");
    out.body = answer_json_rpc(request.body, service_.network(), service_.registry_facts(to_ms(ctx_.now())),
                               [this](std::uint64_t n) { return service_.random_below(n); });
  }
  co_return out;
}

}  // namespace argot::node
