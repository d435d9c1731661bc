// A message's whole life: send, outbox, seal, loopback, open, encrypted database, event; two kernels in one process.
#include "bench.h"
#include "scene.h"
#include "timed.h"

#include <ctime>
#include <set>

namespace argot::bench {
namespace {

/// A client whose suite and storage tell the meter.
struct Timed {
  Timed(Stage& stage, std::filesystem::path data)
      : client(stage, "sqlite", std::move(data), [this](kernel::Kernel& kernel) {
          replace<Suite>(kernel, [this](Suite* inner) { return (suite = std::make_unique<TimedSuite>(*inner)).get(); });
          replace<Storage>(kernel,
                           [this](Storage* inner) { return (storage = std::make_unique<TimedStorage>(*inner)).get(); });
        }) {}
  std::unique_ptr<TimedSuite> suite;
  std::unique_ptr<TimedStorage> storage;
  Client client;  // last: it ends first
};

struct Run {
  Meter::Ticks ticks;
  double cpu = 0;   ///< seconds of this thread
  double wall = 0;  ///< seconds
};

double wall_clock() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

class Pair {
 public:
  Pair() {
    // Whoever looks at a message is told of it, as a front end would be.
    heard_[0] = alice_.client.messenger()->subscribe([this](const Event& e) {
      if (e.kind == Event::Kind::message_changed && e.message.state == MessageState::sent) settle(sent_);
    });
    heard_[1] = bob_.client.messenger()->subscribe([this](const Event& e) {
      if (e.kind == Event::Kind::message_added) settle(arrived_);
    });
  }
  ~Pair() {
    heard_[0] = Subscription();
    heard_[1] = Subscription();
  }

  /// All are handed over at once; until the last has arrived and its sender knows.
  Run burst(int count) {
    sent_ = arrived_ = count;
    Run out;
    const double cpu = kit::thread_cpu(), wall = wall_clock();
    Meter::start();
    for (int i = 0; i < count; ++i) send();
    stage_.run();
    out.ticks = Meter::stop();
    out.cpu = kit::thread_cpu() - cpu;
    out.wall = wall_clock() - wall;
    return out;
  }
  /// Each after the one before has arrived.
  Run one_by_one(int count) {
    Run out;
    const double cpu = kit::thread_cpu(), wall = wall_clock();
    Meter::start();
    for (int i = 0; i < count; ++i) {
      sent_ = arrived_ = 1;
      send();
      stage_.run();
    }
    out.ticks = Meter::stop();
    out.cpu = kit::thread_cpu() - cpu;
    out.wall = wall_clock() - wall;
    return out;
  }

 private:
  void send() {
    std::string text = "Message number " + std::to_string(++number_) +
                       " of a conversation of some length, as people write them to one another.";
    alice_.client.messenger()->send(alice_.client.id(), bob_.client.id(), std::move(text));
  }
  void settle(int& left) {
    if (--left == 0 && sent_ == 0 && arrived_ == 0) stage_.world.stop();
  }

  Scratch scratch_;
  Stage stage_;
  Timed alice_{stage_, scratch_.path() / "alice"}, bob_{stage_, scratch_.path() / "bob"};
  Subscription heard_[2];
  int sent_ = 0, arrived_ = 0, number_ = 0;
};

Rows rows_of(const std::string& what, const std::vector<Run>& runs, int count, bool goal) {
  const auto middle = [&](auto value) {
    std::vector<double> values;
    for (const Run& run : runs) values.push_back(value(run));
    return kit::median(std::move(values));
  };
  const auto share = [&](Part part) {
    return middle([&](const Run& r) { return 100 * r.ticks[part] / r.ticks.total(); });
  };
  return {
      {what + ": messages per second of CPU time", middle([&](const Run& r) { return count / r.cpu; }), "1/s"},
      {"  messages per second by the clock on the wall", middle([&](const Run& r) { return count / r.wall; }), "1/s"},
      {"  share of cryptography", share(Part::crypto), "%"},
      {"  share of the database", share(Part::database), "%"},
      {"  everything else", share(Part::rest), "%", goal ? at_most(10) : Goal{}},
      {"  everything else, each message",
       middle([&](const Run& r) { return r.ticks[Part::rest] * Meter::tick() / count / 1000; }), "us"}};
}

}  // namespace

Rows pipeline(const Effort& effort) {
  Pair pair;
  const int many = effort.count(500, 20), few = effort.count(50, 3);
  std::vector<Run> bursts, singles;
  for (int round = -1; round < effort.rounds; ++round) {
    const Run burst = pair.burst(many), single = pair.one_by_one(few);
    if (round < 0) continue;  // warms up
    bursts.push_back(burst);
    singles.push_back(single);
  }
  Rows rows = rows_of("a burst of " + std::to_string(many), bursts, many, true);
  for (Row& row : rows_of("one after the other", singles, few, false)) rows.push_back(std::move(row));
  return rows;
}

}  // namespace argot::bench
