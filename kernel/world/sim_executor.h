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

  template <class F>
  void execute(F&& f) const {
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

/// Calls a completion handler as a turn of `host` that is running now, through the executor the handler wants.
template <class... Args>
void sim_complete(SimLife& host, std::uint32_t life, Handler<void(Args...)> handler, Args... args) {
  const asio::any_io_executor own = SimExecutor(host, life);
  auto executor = asio::get_associated_executor(handler, asio::any_completion_executor(own));
  const auto* direct = executor.template target<SimExecutor>();
  if (direct && direct->is_of(host, life)) {
    std::move(handler)(std::move(args)...);
  } else {
    executor.execute([handler = std::move(handler), ... args = std::move(args)]() mutable {
      std::move(handler)(std::move(args)...);
    });
  }
}

}  // namespace argot::kernel
