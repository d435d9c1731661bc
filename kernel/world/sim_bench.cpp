// What the simulated world costs: virtual clients that sleep in a loop, beside a bare heap that does nothing else.
#include <kernel/world/sim.h>

#include <sdk/testing/bench.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>

#include <malloc.h>

#include <queue>

namespace argot::kernel {
namespace {

constexpr std::size_t events = 300'000;

Task<> nap(SimHost& host, std::int64_t microseconds) {
  for (;;) {
    const Duration at = host.uptime() + Duration(microseconds);
    auto wait = asio::async_initiate<const asio::deferred_t, void(error_code)>(
        [](auto handler, SimHost* h, Duration when) {
          h->wait_until(when, Handler<void(error_code)>(std::move(handler)));
        },
        asio::deferred, &host, at);
    co_await std::move(wait);
  }
}

std::int64_t period(std::size_t client) { return 900'000 + static_cast<std::int64_t>(client * 7919 % 200'000); }

std::size_t heap_in_use() { return mallinfo2().uordblks; }

/// Timer events of so many clients, spread over so many hosts; what a client costs to make is in it too.
void simulate(std::size_t clients, std::size_t hosts, bool shuffle = false) {
  SimOptions options;
  options.shuffle = shuffle;
  SimWorld world(1, options);
  for (std::size_t i = 0; i < clients; ++i) {
    SimHost& host = world.host("host-" + std::to_string(i % hosts));
    asio::co_spawn(host.executor(), nap(host, period(i)), asio::detached);
  }
  world.step_until([&] { return world.events() >= events; });
}

/// The same times through a priority queue: the floor.
void bare_heap(std::size_t clients) {
  struct Entry {
    std::int64_t at;
    std::uint64_t sequence;
    std::size_t client;
    bool operator<(const Entry& o) const { return at != o.at ? at > o.at : sequence > o.sequence; }
  };
  std::priority_queue<Entry> heap;
  std::uint64_t sequence = 0, sum = 0;
  for (std::size_t i = 0; i < clients; ++i) heap.push({period(i), sequence++, i});
  for (std::size_t i = 0; i < events; ++i) {
    const Entry e = heap.top();
    heap.pop();
    sum += static_cast<std::uint64_t>(e.at);
    heap.push({e.at + period(e.client), sequence++, e.client});
  }
  if (sum == 1) std::abort();  // needed: or the compiler would drop the loop
}

/// Bytes of one client: its coroutine, what it waits with, its place in the heap.
double bytes_per_client(std::size_t clients) {
  SimWorld world(1);
  SimHost& host = world.host("host");
  const std::size_t before = heap_in_use();
  for (std::size_t i = 0; i < clients; ++i) asio::co_spawn(host.executor(), nap(host, period(i)), asio::detached);
  world.step_for(std::chrono::seconds(10));
  return static_cast<double>(heap_in_use() - before) / static_cast<double>(clients);
}

double bytes_per_host(std::size_t clients) {
  SimWorld world(1);
  const std::size_t before = heap_in_use();
  for (std::size_t i = 0; i < clients; ++i) world.host("host-" + std::to_string(i));
  return static_cast<double>(heap_in_use() - before) / static_cast<double>(clients);
}

std::vector<kit::Measure> simulation(const std::filesystem::path&) {
  const double memory = bytes_per_client(10'000),
               host = bytes_per_host(10'000);  // before others leave holes in the heap
  const auto seconds = kit::interleaved(
      7, 1,
      {[] { simulate(1'000, 1); }, [] { simulate(1'000, 1'000); }, [] { simulate(1'000, 1'000, true); },
       [] { bare_heap(1'000); }, [] { simulate(10'000, 10'000); }, [] { bare_heap(10'000); }});
  const auto micro = [&](std::size_t i) { return seconds[i] / events * 1e6; };
  // Beyond a thousand clients the processor's cache decides, and on a shared machine its other users do: no goal there.
  return {{"event, 1,000 clients on one host", micro(0), 1.0, 1.0, "1 us"},
          {"event, 1,000 clients on as many hosts", micro(1), 1.0, 1.0, "1 us"},
          {"event, the same, shuffled", micro(2), 1.0, 0, "1 us"},
          {"event, 1,000 clients on one host", micro(0), micro(3), 0, "bare heap"},
          {"event, 10,000 clients on as many hosts", micro(4), 1.0, 0, "1 us"},
          {"event, 10,000 clients on as many hosts", micro(4), micro(5), 0, "bare heap"},
          {"KiB of a client", memory / 1024, 1.0, 1.0, "1 KiB"},
          {"KiB of a host", host / 1024, 1.0, 0, "1 KiB"}};
}

}  // namespace
}  // namespace argot::kernel

using argot::kernel::simulation;
ARGOT_BENCH("world/simulation", simulation)
