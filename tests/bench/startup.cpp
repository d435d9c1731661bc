// From nothing to ready with the plugins of the default profile, and what a client costs that has nothing to do.
#include "bench.h"
#include "children.h"
#include "scene.h"

#include <boost/json.hpp>

#include <kernel/control/control.h>

#include <ctime>
#include <fstream>

#include <unistd.h>

namespace argot::bench {
namespace {

namespace fs = std::filesystem;

double monotonic_ms() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) * 1e3 + double(now.tv_nsec) * 1e-6;
}

double process_cpu_ms() {
  timespec now;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) * 1e3 + double(now.tv_nsec) * 1e-6;
}

/// What `argot` takes without a profile; with loopback in place of what is not built.
fs::path write_profile(const fs::path& folder) {
  const auto& catalog = *plugins();
  const auto there = [&](std::string_view kind, std::string_view name) {
    for (const std::string& each : catalog.names(kind))
      if (each == name) return true;
    return false;
  };
  const bool swarm = there("transport", "swarm");
  const fs::path file = folder / "client.yaml";
  std::ofstream(file) << "data: " << (folder / "data").string() << "\nlog: error\nplugins:\n  network: os\n"
                      << (swarm ? "  directory: {use: static, nodes: [\"127.0.0.1:9 "
                                  "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737\"]}\n  transport: "
                                  "{use: swarm, route: direct}\n"
                                : "  transport: loopback\n")
                      << "  crypto: [session]\n  storage: sqlite\n";
  return file;
}

/// Sum of a "Name:   12 kB" line of a file in /proc.
double field(const fs::path& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1));
  return 0;
}

/// How often the threads of a process have gone to sleep so far.
double sleeps(pid_t process) {
  double out = 0;
  for (const auto& thread : fs::directory_iterator("/proc/" + std::to_string(process) + "/task"))
    out += field(thread.path() / "status", "voluntary_ctxt_switches");
  return out;
}

void pause_ms(int ms) { ::usleep(useconds_t(ms) * 1000); }

}  // namespace

/// The child: what `argot run` does until everything has started, and when that was.
int start_once(const fs::path& file) {
  kernel::LiveWorld world;
  kernel::Profile profile = kernel::Profile::load(file);
  kernel::Kernel kernel(world, profile, kernel::Catalog::standard(profile.plugin_path));
  kernel::add_messenger(kernel.host());
  kernel::add_control(kernel.host());
  int code = 0;
  auto life = [&]() -> Task<> {
    try {
      co_await kernel.start();
      std::printf("%f %f\n", monotonic_ms(), process_cpu_ms());
      std::fflush(stdout);
    } catch (...) {
      std::fprintf(stderr, "%s\n", to_error(std::current_exception()).sentence().c_str());
      code = 1;
    }
    co_await kernel.stop();
    world.stop();
  };
  asio::co_spawn(world.executor(), life(), [](std::exception_ptr) {});
  world.run();
  return code;
}

Rows startup(const Effort& effort) {
  Scratch scratch;
  const fs::path profile = write_profile(scratch.path()), argot = program_dir() / "argot",
                 bench = program_dir() / "argot-bench";
  const std::string errors = (scratch.path() / "errors").string();
  const auto said = [&] {
    std::ifstream in(errors);
    return std::string{std::istreambuf_iterator<char>(in), {}};
  };
  if (Child made({argot.string(), "account", "new", "--profile", profile.string()}, errors); made.wait() != 0)
    throw Error(Code::internal, "`argot account new` failed: " + said(), "Build the program `argot` first.");

  std::vector<double> wall, cpu;
  for (int i = -1; i < effort.count(3 * effort.rounds, 1); ++i) {
    const double before = monotonic_ms();
    Child child({bench.string(), "--start-once", profile.string()}, errors);
    double ready = 0, used = 0;
    if (std::sscanf(child.line().c_str(), "%lf %lf", &ready, &used) != 2)
      throw Error(Code::internal, "A kernel with the default plugins did not start: " + said());
    child.wait();
    if (i < 0) continue;  // warms the cache
    wall.push_back(ready - before);
    cpu.push_back(used);
  }
  Rows rows{{"start to ready, default plugins and one account: CPU time", kit::median(cpu), "ms", at_most(25)},
            {"  by the clock on the wall, the best run", *std::min_element(wall.begin(), wall.end()), "ms"},
            {"  by the clock on the wall, the middle one", kit::median(wall), "ms"}};

  Child idle({argot.string(), "run", profile.string()}, errors);
  pause_ms(effort.count(3000, 700));
  const int seconds = effort.count(10, 1);
  const double before = sleeps(idle.id());
  pause_ms(seconds * 1000);
  const double woken = (sleeps(idle.id()) - before) / seconds;
  const fs::path memory = "/proc/" + std::to_string(idle.id()) + "/smaps_rollup";
  rows.push_back({"idle with one account: resident memory", field(memory, "Rss") / 1024, "MB", at_most(12)});
  rows.push_back({"  of which its own, written to", field(memory, "Private_Dirty") / 1024, "MB"});
  rows.push_back({"  wake-ups a second", woken, "1/s", at_most(2)});
  return rows;
}

}  // namespace argot::bench
