#pragma once
// What every benchmark of argot-bench gives: rows of a table. A row is a number with a unit; where the project has set
// itself a bar, the row knows it. Times of this machine mean little, so most rows are ratios of two things measured
// in turn in the same run (kit::interleaved).
#include <sdk/testing/bench.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace argot::bench {

struct Goal {
  enum class Side { none, at_most, at_least } side = Side::none;
  double value = 0;
};
inline Goal at_most(double value) { return {Goal::Side::at_most, value}; }
inline Goal at_least(double value) { return {Goal::Side::at_least, value}; }

struct Row {
  std::string what;
  double value = 0;
  std::string unit;  ///< "x" for ratios
  Goal goal = {};
  bool holds() const {
    return goal.side == Goal::Side::none ||
           (goal.side == Goal::Side::at_most ? value <= goal.value : value >= goal.value);
  }
};
using Rows = std::vector<Row>;

/// How much to measure.
struct Effort {
  int rounds = 9;
  bool smoke = false;  ///< tiny counts: that it runs, not how fast
  int count(int full, int tiny) const { return smoke ? tiny : full; }
};

/// A folder that is removed with this object. In memory where there is such a place: a disk that others use too would
/// be measured otherwise.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The folder of this program and of `argot`.
std::filesystem::path program_dir();

Rows dispatch(const Effort& effort);
Rows way(const Effort& effort);
Rows session(const Effort& effort);
Rows instructions(const Effort& effort);
Rows storage(const Effort& effort);
Rows pipeline(const Effort& effort);
Rows startup(const Effort& effort);
Rows simulation(const Effort& effort);
Rows node(const Effort& effort);
Rows shards(const Effort& effort);
Rows store(const Effort& effort);
Rows network(const Effort& effort);

/// What child processes of the benchmarks do; main() calls them.
int count_instructions(const Effort& effort);
int start_once(const std::filesystem::path& profile);

}  // namespace argot::bench
