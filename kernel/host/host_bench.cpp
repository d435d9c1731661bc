// What the host adds to a call and to an event. The bars: a call through a slot at most 10 ns and 4 times a bare
// virtual call; a posted event at most 1.3 times a bare Asio post. Compare within one run only.
#include <kernel/host/turns.h>

#include <argot/error.h>
#include <argot/service.h>

#include <benchmark/benchmark.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace argot::kernel {
namespace {

struct Service {
  static constexpr std::string_view interface_id = "bench/1";
  virtual ~Service() = default;
  virtual std::uint64_t work(std::uint64_t n) = 0;
};

struct Worker final : Service {
  std::uint64_t sum = 0;
  std::uint64_t work(std::uint64_t n) override { return sum += n; }
};

/// Keeps the compiler from seeing which class it is.
template <class T>
T* opaque(T* p) {
  benchmark::DoNotOptimize(p);
  return p;
}

void BM_HostBareVirtualCall(benchmark::State& state) {
  Worker worker;
  Service* service = opaque<Service>(&worker);
  std::uint64_t n = 0;
  for (auto _ : state) benchmark::DoNotOptimize(n = service->work(n + 1));
}
BENCHMARK(BM_HostBareVirtualCall);

/// Lease, call, map an exception should there be one.
void BM_HostCallThroughSlot(benchmark::State& state) {
  Worker worker;
  Instance instance;
  instance.object = static_cast<Service*>(&worker);
  Slot slot{&instance, "bench/1", "worker"};
  Handle<Service> handle(opaque(&slot));
  std::uint64_t n = 0;
  for (auto _ : state) {
    try {
      auto lease = handle.lease();
      benchmark::DoNotOptimize(n = lease->work(n + 1));
    } catch (...) {
      Error error = to_error(std::current_exception());
      benchmark::DoNotOptimize(error);
    }
  }
}
BENCHMARK(BM_HostCallThroughSlot);

constexpr int events = 1000;

void post_events(benchmark::State& state, asio::io_context& io, asio::any_io_executor executor) {
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (int i = 0; i < events; ++i) asio::post(executor, [&sum] { ++sum; });
    io.run();
    io.restart();
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * events);
}

void BM_HostBareAsioPost(benchmark::State& state) {
  asio::io_context io{1};
  post_events(state, io, io.get_executor());
}
BENCHMARK(BM_HostBareAsioPost);

void BM_HostPostThroughTurns(benchmark::State& state) {
  asio::io_context io{1};
  auto turns = std::make_shared<Turns>(io.get_executor(), 64);
  post_events(state, io, turns->executor(turns->add_owner("bench")));
}
BENCHMARK(BM_HostPostThroughTurns);

/// One event that posts the next: no batch to profit from.
void chain_events(benchmark::State& state, asio::io_context& io, asio::any_io_executor executor) {
  struct Step {
    asio::any_io_executor* executor;
    int left;
    void operator()() {
      if (left > 0) asio::post(*executor, Step{executor, left - 1});
    }
  };
  for (auto _ : state) {
    asio::post(executor, Step{&executor, events - 1});
    io.run();
    io.restart();
  }
  state.SetItemsProcessed(state.iterations() * events);
}

void BM_HostBareAsioChain(benchmark::State& state) {
  asio::io_context io{1};
  chain_events(state, io, io.get_executor());
}
BENCHMARK(BM_HostBareAsioChain);

void BM_HostChainThroughTurns(benchmark::State& state) {
  asio::io_context io{1};
  auto turns = std::make_shared<Turns>(io.get_executor(), 64);
  chain_events(state, io, turns->executor(turns->add_owner("bench")));
}
BENCHMARK(BM_HostChainThroughTurns);

}  // namespace
}  // namespace argot::kernel
