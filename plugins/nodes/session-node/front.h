#pragma once
// The HTTP face of the node: routes, and the order of checks before a call is looked at (storage_node.md section 2).
#include <argot/http.h>

#include "admission.h"
#include "onion_desk.h"
#include "rate_limit.h"

namespace argot::node {

class Front {
 public:
  struct Options {
    bool rate_limit = true;
  };
  /// All must outlive the requests that run.
  Front(Context& ctx, const Service& service, CallDesk& desk, OnionDesk& onions, Options options)
      : ctx_(ctx), service_(service), desk_(desk), onions_(onions), options_(options) {}

  Task<http::Response> handle(http::Request request);
  /// From now on every call is refused with 503.
  void shut_down() { shutting_down_ = true; }
  /// Told when somebody tests this node.
  void on_ping(std::function<void()> told) { pinged_ = std::move(told); }
  /// Counts a request of this IPv4 address. Throws Refused(429) when it has made too many.
  void count(std::string_view source);
  void forget_idle_sources() { limiter_.drop_full(ctx_.uptime()); }

  static constexpr std::size_t max_body = 10 * 1024 * 1024;

 private:
  Task<http::Response> storage_rpc(http::Request request);
  Task<http::Response> onion_request(http::Request request);
  http::Response ping_test() const;
  void check_ready() const;

  Context& ctx_;
  const Service& service_;
  CallDesk& desk_;
  OnionDesk& onions_;
  Admissions onions_inside_{12'000};
  Options options_;
  RateLimiter limiter_;
  bool shutting_down_ = false;
  std::function<void()> pinged_;
};

}  // namespace argot::node
