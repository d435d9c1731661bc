// The simulated world: the world's own benchmark, whose functions are used here, and whole kernels in it.
#include "bench.h"

#undef ARGOT_BENCH
#define ARGOT_BENCH(name, function)
#include <kernel/world/sim_bench.cpp>

#include "scene.h"

#include <unistd.h>

#include <fstream>

namespace argot::bench {
namespace {

using kernel::SimHost;
using kernel::SimWorld;

double resident() {
  std::ifstream in("/proc/self/statm");
  double all = 0, resident = 0;
  in >> all >> resident;
  return resident * double(::sysconf(_SC_PAGESIZE));
}

/// Kernels with session, loopback, storage/memory and one account each, all in one world, and what they cost.
Rows kernels(int count) {
  SimWorld world(1);
  std::vector<std::unique_ptr<kernel::Kernel>> all;
  const auto add = [&] {
    const std::string name = "person-" + std::to_string(all.size());
    SimHost& host = world.host(name);
    kernel::Profile profile = kernel::Profile::parse(
        "plugins:\n  messenger: {keys: memory}\n  transport: loopback\n  crypto: [session]\n  storage: memory\n",
        "bench.yaml");
    profile.data = std::filesystem::path("/nowhere") / name;
    auto& made = all.emplace_back(std::make_unique<kernel::Kernel>(host, std::move(profile), plugins()));
    kernel::add_messenger(made->host());
    world.run(host, made->start());
    auto messenger = made->service<Messenger>().lease();
    std::string phrase;
    world.run(host, messenger->create_account({}, &phrase));
  };
  add();  // loads the code
  const double memory = resident(), cpu = kit::thread_cpu();
  for (int i = 0; i < count; ++i) add();
  const double cost = (kit::thread_cpu() - cpu) / count, bytes = (resident() - memory) / count;
  const double before = kit::thread_cpu();
  world.step_for(std::chrono::minutes(10));
  const double idle = (kit::thread_cpu() - before) / (count + 1);
  Rows rows{{"a full kernel with an account: memory", bytes / 1024, "KB"},
            {"  CPU time to start it and make the account", cost * 1e6, "us"},
            {"  CPU time of ten idle minutes", idle * 1e6, "us"}};
  for (auto& kernel : all) world.run(static_cast<SimHost&>(kernel->world()), kernel->stop());
  return rows;
}

}  // namespace

Rows simulation(const Effort& effort) {
  using namespace argot::kernel;
  const std::size_t many = effort.count(10'000, 10), few = effort.count(1'000, 10);
  // Before other runs leave holes in the heap.
  const double client = bytes_per_client(many), host = bytes_per_host(many);
  const auto seconds =
      kit::interleaved(effort.rounds, 1,
                       {[&] { simulate(few, 1); }, [&] { simulate(few, few); }, [&] { simulate(few, few, true); },
                        [&] { bare_heap(few); }, [&] { simulate(many, many); }, [&] { bare_heap(many); }});
  const auto rate = [&](std::size_t i) { return double(events) / seconds[i] / 1e6; };
  Rows rows{{"events a second, 1,000 clients on one host (millions)", rate(0), "M/s", at_least(1)},
            {"events a second, 1,000 clients on 1,000 hosts", rate(1), "M/s", at_least(1)},
            {"events a second, the same in shuffled order", rate(2), "M/s"},
            {"a bare binary heap of 1,000, beside it", rate(3), "M/s"},
            {"events a second, 10,000 clients on 10,000 hosts", rate(4), "M/s", at_least(1)},
            {"a bare binary heap of 10,000, beside it", rate(5), "M/s"}};
  rows.push_back({"memory of a bare virtual client", client / 1024, "KB", at_most(1)});
  rows.push_back({"memory of a host", host / 1024, "KB"});
  for (Row& row : kernels(effort.count(300, 3))) rows.push_back(std::move(row));
  return rows;
}

}  // namespace argot::bench
