#pragma once
// The HTTP face of the node: routes, and the order of checks before a call is looked at (storage_node.md section 2).
#include <argot/http.h>

#include "dispatcher.h"
#include "rate_limit.h"

namespace argot::node {

class Front {
 public:
  struct Options {
    bool rate_limit = true;
  };
  /// All must outlive the requests that run.
  Front(Context& ctx, const Service& service, Dispatcher& dispatcher, Options options)
      : ctx_(ctx), service_(service), dispatcher_(dispatcher), options_(options) {}

  Task<http::Response> handle(http::Request request);
  /// From now on every call is refused with 503.
  void shut_down() { shutting_down_ = true; }
  void forget_idle_sources() { limiter_.drop_full(ctx_.uptime()); }

  static constexpr std::size_t max_body = 10 * 1024 * 1024;
  static std::string server_name(const Facts& facts);

 private:
  Task<http::Response> storage_rpc(http::Request request);
  Task<http::Response> swarm_rpc(http::Request request);
  http::Response ping_test() const;
  void check_source(const http::Request& request);
  void check_ready() const;

  Context& ctx_;
  const Service& service_;
  Dispatcher& dispatcher_;
  Options options_;
  RateLimiter limiter_;
  bool shutting_down_ = false;
  std::size_t requests_inside_ = 0, bytes_inside_ = 0;
  friend class Admission;
};

}  // namespace argot::node
