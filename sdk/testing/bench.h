#pragma once
// Benchmarks on a noisy machine: contenders take turns in one run, thread CPU time is measured, medians are compared.
//
//   std::vector<Measure> storage(const std::filesystem::path& scratch);
//   ARGOT_BENCH("storage/sqlite", storage)
//
// A program that links files with ARGOT_BENCH and bench_main.cpp runs them all: `PROGRAM [name...]`.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace argot::kit {

/// Ours against what we compare with; costs in microseconds of thread CPU time for one operation.
struct Measure {
  std::string name;
  double ours = 0, theirs = 0;
  double goal = 0;  ///< the least ratio that is good enough; 0: none, only reported
  std::string against = "plain";

  double ratio() const { return ours > 0 ? theirs / ours : 0; }  ///< above 1: ours is faster
  bool good() const { return goal == 0 || ratio() >= goal; }
};

/// Seconds of CPU time that this thread has used.
double thread_cpu();

double median(std::vector<double> values);

/// In each round the contenders run in turn, `slices` times each; gives for each the median over the rounds of its sum
/// in seconds. One more round before them warms up and does not count. Keep slices short: whatever slows the machine
/// for a while then slows all of them.
std::vector<double> interleaved(int rounds, int slices, const std::vector<std::function<void()>>& contenders);

using Bench = std::vector<Measure> (*)(const std::filesystem::path& scratch);
struct RegisterBench {
  RegisterBench(std::string name, Bench run);
};
#define ARGOT_BENCH(name, function) static const ::argot::kit::RegisterBench registered_##function(name, function);

/// Runs the benchmarks named on the command line, or all; prints a table. 1 if a goal was missed, 2 for a wrong name.
int bench_main(int argc, char** argv);

}  // namespace argot::kit
