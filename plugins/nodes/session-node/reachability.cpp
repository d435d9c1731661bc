#include "reachability.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "assignment.h"

namespace argot::node {
namespace {

using std::chrono::seconds;
constexpr Duration probe_time = seconds(5), step = seconds(10), longest_pause = seconds(120),
                   patience_with_ourselves = seconds(120);
constexpr std::size_t max_retests = 4;

http::Limits limits() {
  http::Limits out;
  out.timeout = probe_time;
  out.max_body = 4096;
  out.idle = seconds(2);
  return out;
}

}  // namespace

Reachability::Reachability(Context& ctx, const Service& service, Links& links, Handle<Network> network)
    : ctx_(ctx),
      service_(service),
      links_(links),
      https_(std::in_place, ctx, std::move(network), http::Security::tls_unverified, limits()),
      bell_(ctx),
      running_(ctx) {}

Duration Reachability::retest_pause(unsigned before, Duration jitter) {
  return std::min(longest_pause, std::min(before, 100u) * step + jitter);
}

/// Normally distributed: 10 s, give or take 3 s.
Duration Reachability::jitter() {
  const auto uniform = [this] { return (static_cast<double>(ctx_.random_number() >> 11) + 1) * 0x1p-53; };
  const double normal = std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
  return Duration(static_cast<std::int64_t>(std::max(0.2, 10 + 3 * normal) * 1e6));
}

/// Everybody comes once in each round.
std::optional<ServiceNode> Reachability::next_general() {
  for (int rounds = 0; rounds < 2; ++rounds) {
    while (!round_.empty()) {
      const Fixed<32> key = round_.back();
      round_.pop_back();
      const ServiceNode* node = service_.network().find(key);
      if (node && node->host != "0.0.0.0" && !failing_.contains(key)) return *node;
    }
    for (const ServiceNode& node : service_.network().nodes())
      if (node.ed25519 != service_.keys().ed25519()) round_.push_back(node.ed25519);
    shuffle(round_, [this](std::uint64_t n) { return ctx_.random_below(n); });
  }
  return std::nullopt;
}

Duration Reachability::start_due() {
  const Duration now = ctx_.uptime();
  if (now >= next_general_) {
    next_general_ = now + jitter();
    if (auto node = next_general()) running_.spawn("testing a node", test(*node));
  }
  Duration next = next_general_;
  std::size_t started = 0;
  std::erase_if(failing_, [&](const auto& each) { return !service_.network().find(each.first); });
  for (auto& [key, failing] : failing_) {
    if (failing.busy) continue;
    if (failing.next > now) {
      next = std::min(next, failing.next);
    } else if (started < max_retests) {
      ++started;
      failing.busy = true;
      running_.spawn("testing a node again", test(*service_.network().find(key)));
    } else {
      next = std::min(next, now + std::chrono::milliseconds(200));
    }
  }
  return next;
}

void Reachability::watch_ourselves() {
  const bool alone = service_.network().nodes().size() < 2;
  const bool untested = !alone && ctx_.uptime() - tested_ > patience_with_ourselves;
  if (untested && !told_untested_)
    ctx_.warn("Nobody has tested this node for two minutes. Check that others reach its public address.");
  told_untested_ = untested;
}

Task<> Reachability::run() {
  next_general_ = ctx_.uptime() + jitter();
  tested_ = ctx_.uptime();
  while (!stopping_) {
    std::optional<Duration> next = next_general_;
    if (service_.own_swarm()) {
      next = start_due();
      watch_ourselves();
    } else {
      next = next_general_ = ctx_.uptime() + jitter();  // who is not active tests nobody
      tested_ = ctx_.uptime();
    }
    co_await bell_.wait(next);
  }
}

Task<> Reachability::test(ServiceNode node) {
  const std::string why = co_await complaint(node);
  if (stopping_) co_return;
  const auto known = failing_.find(node.ed25519);
  if (why.empty()) {
    if (known != failing_.end()) {
      ctx_.info("The node " + to_hex(node.ed25519) + " answers again.");
      failing_.erase(known);
    }
    co_return;
  }
  Failing& failing = failing_[node.ed25519];
  failing.before = known == failing_.end() ? 0 : failing.before + 1;
  failing.busy = false;
  failing.next = ctx_.uptime() + retest_pause(failing.before, jitter());
  if (known == failing_.end()) ctx_.info("The node " + to_hex(node.ed25519) + " fails its test: " + why);
  bell_.ring();
}

Task<std::string> Reachability::complaint(ServiceNode node) {
  std::string why;
  try {
    const LinkAnswer pong = co_await links_.ask(node, Endpoint::ping, {}, probe_time);
    if (pong.body != "pong") co_return "it does not answer pings";
    http::Request request;
    request.method = "POST";
    request.target = "/ping_test/v1";
    if (!https_) co_return why;
    const http::Response response = co_await https_->send(node.address(), std::move(request));
    const auto key = from_base64(response.header("X-Oxen-Snode-Pubkey"));
    if (response.status != 200 || !key ||
        !std::equal(key->begin(), key->end(), node.ed25519.begin(), node.ed25519.end()))
      why = "another node answers at " + node.address();
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    why = error.what();
  }
  co_return why;
}

Task<> Reachability::stop() {
  stopping_ = true;
  bell_.ring();
  https_.reset();
  co_await running_.wait_at_most(std::chrono::seconds(1));
}

}  // namespace argot::node
