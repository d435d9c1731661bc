#pragma once
// A seed: where clients that know no node learn of all of them (registry.md sections 1 and 10).
#include <argot/http.h>

#include "rate_limit.h"
#include "service.h"

namespace argot::node {

class Seed {
 public:
  Seed(Context& ctx, const Service& service) : ctx_(ctx), service_(service) {}
  /// POST /json_rpc; everything else is not found.
  Task<http::Response> handle(http::Request request);
  void forget_idle_sources() { limiter_.drop_full(ctx_.uptime()); }

  static constexpr std::size_t max_body = 64 * 1024;

 private:
  Context& ctx_;
  const Service& service_;
  RateLimiter limiter_;
};

}  // namespace argot::node
