// What the host adds to a call and to an event.
#include "bench.h"
#include "scene.h"

#include <kernel/host/turns.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace argot::bench {
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

/// Keeps the compiler from seeing through a value.
template <class T> T opaque(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

void bare_calls(Service* service, int count) {
  service = opaque(service);
  std::uint64_t n = 0;
  for (int i = 0; i < count; ++i) n = opaque(service->work(n + 1));
}

/// Lease, call, map an exception should there be one.
void calls_through_slot(Slot* slot, int count) {
  Handle<Service> handle(opaque(slot));
  std::uint64_t n = 0;
  for (int i = 0; i < count; ++i) {
    try {
      auto lease = handle.lease();
      n = opaque(lease->work(n + 1));
    } catch (...) {
      Error error = to_error(std::current_exception());
      opaque(&error);
    }
  }
}

Rows calls(const Effort& effort) {
  const int count = effort.count(100'000, 1000), slices = effort.count(20, 1);
  Worker worker;
  Instance instance;
  instance.object = static_cast<Service*>(&worker);
  Slot slot{&instance, "bench/1", "worker"};
  const auto seconds = kit::interleaved(
      effort.rounds, slices, {[&] { calls_through_slot(&slot, count); }, [&] { bare_calls(&worker, count); }});
  const double ns = 1e9 / (double(count) * slices);
  return {{"call through a slot: lease, call, error mapping", seconds[0] * ns, "ns", at_most(10)},
          {"  against a bare virtual call (" + std::to_string(seconds[1] * ns).substr(0, 4) + " ns)",
           seconds[0] / seconds[1], "x", at_most(4)}};
}

template <class Executor> void post(Executor executor, int count, std::uint64_t& sum) {
  for (int i = 0; i < count; ++i) asio::post(executor, [&sum] { ++sum; });
}

/// One event that posts the next: no batch to profit from.
template <class Executor> struct Step {
  Executor executor;
  int left;
  std::uint64_t* sum;
  void operator()() {
    ++*sum;
    if (left > 0) asio::post(executor, Step{executor, left - 1, sum});
  }
};

Rows events(const Effort& effort) {
  const int count = effort.count(1000, 100), slices = effort.count(60, 1);
  Stage stage;
  Client client(stage, "memory", "/nowhere");
  asio::any_io_executor ours = client.context().executor();
  asio::io_context bare{1};
  asio::any_io_executor erased = bare.get_executor();
  std::uint64_t sum = 0;
  const auto turn_bare = [&] {
    bare.restart();
    bare.poll();
  };
  const auto chain = [&](auto executor) { asio::post(executor, Step<decltype(executor)>{executor, count - 1, &sum}); };
  const auto seconds = kit::interleaved(
      effort.rounds, slices,
      {[&] { post(ours, count, sum), stage.world.poll(); }, [&] { post(erased, count, sum), turn_bare(); },
       [&] { post(bare.get_executor(), count, sum), turn_bare(); }, [&] { chain(ours), stage.world.poll(); },
       [&] { chain(erased), turn_bare(); }});
  const double ns = 1e9 / (double(count) * slices);
  return {{"event posted through the kernel's loop", seconds[0] * ns, "ns"},
          {"  against asio::post on the same type of executor", seconds[0] / seconds[1], "x", at_most(1.3)},
          {"  against asio::post on the loop's own executor, not type-erased", seconds[0] / seconds[2], "x"},
          {"  each event posts the next, against the same on a bare loop", seconds[3] / seconds[4], "x", at_most(1.3)}};
}

}  // namespace

Rows dispatch(const Effort& effort) {
  Rows rows = calls(effort);
  for (Row& row : events(effort)) rows.push_back(std::move(row));
  return rows;
}

}  // namespace argot::bench
