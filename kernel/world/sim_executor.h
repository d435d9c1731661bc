#pragma once
// The executor of a simulated host, for one life of it: what an older life still posts is destroyed unrun.
#include <kernel/world/sim_loop.h>

#include <boost/asio/execution.hpp>

namespace argot::kernel {

class SimExecutor {
 public:
  SimExecutor(SimLife& host, std::uint32_t life, bool may_run_now = true) noexcept
      : host_(&host), life_(life), may_run_now_(may_run_now) {}

  asio::execution_context& query(asio::execution::context_t) const noexcept { return host_->loop->context(); }
  asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept {
    return may_run_now_ ? asio::execution::blocking_t(asio::execution::blocking.possibly)
                        : asio::execution::blocking_t(asio::execution::blocking.never);
  }
  SimExecutor require(asio::execution::blocking_t::possibly_t) const noexcept { return {*host_, life_, true}; }
  SimExecutor require(asio::execution::blocking_t::never_t) const noexcept { return {*host_, life_, false}; }

  template <class F> void execute(F&& f) const {
    SimLoop& loop = *host_->loop;
    if (may_run_now_ && loop.current() == host_ && host_->life == life_) {
      std::decay_t<F> function(std::forward<F>(f));
      std::move(function)();
    } else {
      loop.ready(*host_, life_, SimJob(std::forward<F>(f)));
    }
  }

  bool is_of(const SimLife& host, std::uint32_t life) const noexcept { return host_ == &host && life_ == life; }
  bool operator==(const SimExecutor& o) const noexcept {
    return host_ == o.host_ && life_ == o.life_ && may_run_now_ == o.may_run_now_;
  }
  bool operator!=(const SimExecutor& o) const noexcept { return !(*this == o); }

 private:
  SimLife* host_;
  std::uint32_t life_;
  bool may_run_now_;
};

/// Whether a handler wants to be called on this host's own executor, where a turn of the host calls it directly. Asked
/// when an operation begins, while what the handler belongs to is still in the processor's cache.
template <class H> bool sim_is_direct(SimLife& host, std::uint32_t life, const H& handler) {
  const auto executor = asio::get_associated_executor(handler, host.completion_executor);
  const auto* own = executor.template target<SimExecutor>();
  return own && own->is_of(host, life);
}

/// Calls a completion handler as part of a turn of `host` that is running now, through the executor the handler wants.
template <class... Args> void sim_complete(SimLife& host, bool direct, Handler<void(Args...)> handler, Args... args) {
  if (direct) return std::move(handler)(std::move(args)...);
  const auto executor = asio::get_associated_executor(handler, host.completion_executor);
  executor.execute(
      [handler = std::move(handler), ... args = std::move(args)]() mutable { std::move(handler)(std::move(args)...); });
}

/// The same for an operation that did not ask beforehand.
template <class... Args>
void sim_complete(SimLife& host, std::uint32_t life, Handler<void(Args...)> handler, Args... args) {
  const bool direct = sim_is_direct(host, life, handler);
  sim_complete<Args...>(host, direct, std::move(handler), std::move(args)...);
}

}  // namespace argot::kernel
