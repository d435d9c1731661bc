#include "bench.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>

#include <stdlib.h>

namespace argot::kit {
namespace {

std::map<std::string, Bench>& registered() {
  static std::map<std::string, Bench> benches;
  return benches;
}

}  // namespace

double thread_cpu() {
  timespec now;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<double> interleaved(int rounds, int slices, const std::vector<std::function<void()>>& contenders) {
  std::vector<std::vector<double>> times(contenders.size());
  for (int round = -1; round < rounds; ++round) {
    std::vector<double> sums(contenders.size());
    for (int slice = 0; slice < slices; ++slice) {
      for (std::size_t i = 0; i < contenders.size(); ++i) {
        // Who goes first changes, so that nobody always finds a warm or a cold cache.
        const std::size_t which = (i + static_cast<std::size_t>(slice)) % contenders.size();
        const double before = thread_cpu();
        contenders[which]();
        sums[which] += thread_cpu() - before;
      }
    }
    for (std::size_t i = 0; round >= 0 && i < sums.size(); ++i) times[i].push_back(sums[i]);
  }
  std::vector<double> out;
  for (auto& of_one : times) out.push_back(median(of_one));
  return out;
}

RegisterBench::RegisterBench(std::string name, Bench run) { registered()[std::move(name)] = run; }

int bench_main(int argc, char** argv) {
  const std::vector<std::string> wanted(argv + 1, argv + argc);
  for (auto& name : wanted) {
    if (registered().contains(name)) continue;
    std::fprintf(stderr, "There is no benchmark \"%s\". There are:", name.c_str());
    for (auto& [known, run] : registered()) std::fprintf(stderr, " %s", known.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  bool good = true;
  std::printf("%-52s %11s %11s %7s %6s\n", "", "ours (us)", "other (us)", "ratio", "goal");
  for (auto& [name, run] : registered()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    std::string folder = (std::filesystem::temp_directory_path() / "argot-bench-XXXXXX").string();
    if (!::mkdtemp(folder.data())) return 2;
    for (const Measure& m : run(folder)) {
      good &= m.good();
      std::printf("%-52s %11.3f %11.3f %7.2f %6s%s\n", (name + ": " + m.name + " vs " + m.against).c_str(), m.ours,
                  m.theirs, m.ratio(), m.goal > 0 ? std::to_string(m.goal).substr(0, 4).c_str() : "",
                  m.good() ? "" : "  MISSED");
      std::fflush(stdout);
    }
    std::filesystem::remove_all(folder);
  }
  return good ? 0 : 1;
}

}  // namespace argot::kit
