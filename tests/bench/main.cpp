// argot-bench: what Argot costs. A report: a missed goal is printed, it does not fail the program.
#include "bench.h"

#include <argot/error.h>

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <stdlib.h>

namespace argot::bench {
namespace {

struct Entry {
  std::string_view name, about;
  Rows (*run)(const Effort&);
};

constexpr Entry entries[] = {
    {"dispatch", "a call and an event through the host, against bare ones", dispatch},
    {"way", "a message through the messenger with cryptography, network and database that do nothing", way},
    {"session", "the Session suite in its plugin against bare libsodium calls, time", session},
    {"instructions", "the same in instructions (needs valgrind)", instructions},
    {"storage", "the encrypted database against a plain one", storage},
    {"pipeline", "two kernels in one process: messages per second, and where the time goes", pipeline},
    {"startup", "start to ready; memory and wake-ups of an idle client", startup},
    {"simulation", "events and clients of the simulated world", simulation},
    {"node", "a request to a service node, an onion through several; against nginx", node},
    {"shards", "a node on two cores against one: what its busiest thread can do", shards},
#ifdef ARGOT_BENCH_NODES
    {"store", "stores into a swarm of five nodes and retrieves, over HTTPS, durable", store},
#endif
    {"network", "a message through three hops and a swarm of five, from kernel to kernel", network},
};

struct Options {
  std::vector<std::string> only;
  Effort effort;
  bool list = false, json = false;
};

constexpr const char* usage =
    "Usage: argot-bench [NAME...] [--only NAME...] [--list] [--json] [--rounds N] [--smoke]\n\n"
    "Runs the named benchmarks, or all, and prints their table. Nothing is written but to standard output; a missed\n"
    "goal does not change the exit code. --smoke runs everything with tiny counts and says nothing about speed.\n";

const Entry* find(std::string_view name) {
  for (const Entry& e : entries)
    if (e.name == name) return &e;
  return nullptr;
}

void list(std::FILE* to) {
  for (const Entry& e : entries)
    std::fprintf(to, "  %-14.*s %.*s\n", int(e.name.size()), e.name.data(), int(e.about.size()), e.about.data());
}

std::string number(double value) {
  char text[40];
  const int digits = value < 0.01 ? 5 : value < 10 ? 3 : value < 1000 ? 1 : 0;
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string goal_text(const Row& row) {
  if (row.goal.side == Goal::Side::none) return {};
  std::string value = number(row.goal.value);
  if (value.find('.') != std::string::npos) value.erase(value.find_last_not_of('0') + 1);
  if (value.ends_with('.')) value.pop_back();
  return (row.goal.side == Goal::Side::at_most ? "<= " : ">= ") + value;
}

void print(std::string_view name, const Rows& rows) {
  std::printf("%.*s\n", int(name.size()), name.data());
  for (const Row& row : rows)
    std::printf("  %-72s %10s %-6s %-12s %s\n", row.what.c_str(), number(row.value).c_str(), row.unit.c_str(),
                goal_text(row).c_str(),
                row.goal.side == Goal::Side::none ? ""
                : row.holds()                     ? "holds"
                                                  : "MISSED");
  std::fflush(stdout);
}

void add(boost::json::array& out, std::string_view name, const Rows& rows) {
  for (const Row& row : rows) {
    boost::json::object o{{"benchmark", name}, {"what", row.what}, {"value", row.value}, {"unit", row.unit}};
    if (row.goal.side != Goal::Side::none) {
      o[row.goal.side == Goal::Side::at_most ? "at_most" : "at_least"] = row.goal.value;
      o["holds"] = row.holds();
    }
    out.push_back(std::move(o));
  }
}

/// 0 on a wrong command line, which has been explained.
bool read(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--list")
      options.list = true;
    else if (word == "--json")
      options.json = true;
    else if (word == "--smoke")
      options.effort.smoke = true, options.effort.rounds = 1;
    else if (word == "--only")
      continue;  // names follow
    else if (word == "--rounds" && i + 1 < argc && std::atoi(argv[i + 1]) > 0)
      options.effort.rounds = std::atoi(argv[++i]);
    else if (find(word))
      options.only.emplace_back(word);
    else {
      std::fprintf(stderr, "argot-bench: \"%s\" is neither an option nor a benchmark.\n\n%s\nBenchmarks:\n", argv[i],
                   usage);
      list(stderr);
      return false;
    }
  }
  return true;
}

int run(const Options& options) {
  boost::json::array all;
  int missed = 0, failed = 0;
  for (const Entry& entry : entries) {
    if (!options.only.empty() && std::find(options.only.begin(), options.only.end(), entry.name) == options.only.end())
      continue;
    try {
      const Rows rows = entry.run(options.effort);
      for (const Row& row : rows) missed += !row.holds();
      if (options.json)
        add(all, entry.name, rows);
      else
        print(entry.name, rows);
    } catch (...) {
      ++failed;
      std::fprintf(stderr, "The benchmark \"%s\" could not run: %s\n", std::string(entry.name).c_str(),
                   to_error(std::current_exception()).sentence().c_str());
    }
  }
  if (options.json)
    std::printf("%s\n", boost::json::serialize(all).c_str());
  else if (options.effort.smoke)
    std::printf("\nEverything ran. With --smoke the numbers mean nothing.\n");
  else
    std::printf("\n%s\n", missed ? (std::to_string(missed) + " goals missed.").c_str() : "Every goal holds.");
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace argot::bench

int main(int argc, char** argv) {
  using namespace argot::bench;
  Options options;
  if (argc == 3 && std::strcmp(argv[1], "--start-once") == 0) return start_once(argv[2]);
  if (argc >= 2 && std::strcmp(argv[1], "--count-instructions") == 0) {
    options.effort.smoke = argc > 2;
    return count_instructions(options.effort);
  }
  if (argc == 2 && (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0)) {
    std::printf("%s\nBenchmarks:\n", usage);
    list(stdout);
    return 0;
  }
  if (!read(argc, argv, options)) return 2;
  if (options.list) {
    list(stdout);
    return 0;
  }
  return run(options);
}
