// The Session suite and onions against bare libsodium calls, in instructions: callgrind counts the same on a busy
// machine as on a quiet one. This program runs itself under valgrind.
#include "bench.h"
#include "children.h"
#include "onion_calls.h"
#include "session_calls.h"

#include <fstream>
#include <map>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#define BENCH_HAS_CALLGRIND 1
#endif

namespace argot::bench {
namespace {

/// Instructions by name, from the files that callgrind dumped into a folder.
std::map<std::string, double> read_counts(const std::filesystem::path& folder) {
  std::map<std::string, double> out;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path());
    std::string name;
    for (std::string line; std::getline(in, line);) {
      constexpr std::string_view trigger = "desc: Trigger: Client Request: ", total = "totals: ", summary = "summary: ";
      if (line.starts_with(trigger)) name = line.substr(trigger.size());
      if (name.empty()) continue;
      if (line.starts_with(total)) out[name] = std::stod(line.substr(total.size()));
      if (line.starts_with(summary)) out.emplace(name, std::stod(line.substr(summary.size())));
    }
  }
  return out;
}

}  // namespace

int count_instructions([[maybe_unused]] const Effort& effort) {
#ifdef BENCH_HAS_CALLGRIND
  SessionCalls calls;
  const int count = effort.count(10, 2);
  const auto measure = [&](const char* name, auto work) {
    work(2);  // what happens once is not part of it
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    work(count);
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(name);
  };
  measure("seal", [&](int n) { calls.seal(n); });
  measure("bare seal", [&](int n) { calls.bare_seal(n, true); });
  measure("bare seal without decoy", [&](int n) { calls.bare_seal(n, false); });
  measure("open", [&](int n) { calls.open(n); });
  measure("bare open", [&](int n) { calls.bare_open(n); });
  OnionCalls onions;
  measure("onion", [&](int n) { onions.ours(n); });
  measure("bare onion", [&](int n) { onions.bare(n); });
#endif
  return 0;
}

Rows instructions(const Effort& effort) {
#ifndef BENCH_HAS_CALLGRIND
  return {{"not measured: this program was built without valgrind's headers", 0, ""}};
#endif
  if (!can_run({"valgrind", "--version"})) return {{"not measured: there is no valgrind here", 0, ""}};
  Scratch scratch;
  const auto log = scratch.path() / "log", counts = scratch.path() / "counts";
  std::filesystem::create_directory(counts);
  std::vector<std::string> command{"valgrind",
                                   "--tool=callgrind",
                                   "--collect-atstart=no",
                                   "--callgrind-out-file=" + (counts / "out").string(),
                                   (program_dir() / "argot-bench").string(),
                                   "--count-instructions"};
  if (effort.smoke) command.push_back("--smoke");
  if (Child child(command, log.string()); child.wait() != 0) {
    std::ifstream in(log);
    const std::string said{std::istreambuf_iterator<char>(in), {}};
    throw Error(Code::internal, "Counting instructions under valgrind failed: " + said.substr(0, 2000));
  }
  const auto of = read_counts(counts);
  const double n = effort.count(10, 2);
  for (const char* name : {"seal", "bare seal", "bare seal without decoy", "open", "bare open", "onion", "bare onion"})
    if (!of.contains(name)) throw Error(Code::internal, "Callgrind gave no count for \"" + std::string(name) + "\".");
  return {
      {"seal, instructions", of.at("seal") / n, ""},
      {"  against bare calls, decoy signature included", of.at("seal") / of.at("bare seal"), "x", at_most(1.05)},
      {"  against bare calls without the decoy", of.at("seal") / of.at("bare seal without decoy"), "x"},
      {"open, instructions", of.at("open") / n, ""},
      {"  against bare calls, sender's key conversion cached", of.at("open") / of.at("bare open"), "x", at_most(1.05)},
      {"onion through three hops and its reply, instructions", of.at("onion") / n, ""},
      {"  against bare calls", of.at("onion") / of.at("bare onion"), "x", at_most(1.1)}};
}

}  // namespace argot::bench
