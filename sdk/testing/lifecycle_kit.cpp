#include "lifecycle_kit.h"

namespace argot::kit {
namespace {

std::string first_of(const std::vector<std::string>& complaints) {
  if (complaints.empty()) return "nothing";
  return complaints.front() +
         (complaints.size() > 1 ? " (and " + std::to_string(complaints.size() - 1) + " more)" : "");
}

void starts(Finding& finding, Harness& harness) {
  harness.pass(std::chrono::seconds(10));
  const auto complaints = harness.complaints();
  finding.expect(complaints.empty(), "it starts and runs without complaint, found: " + first_of(complaints));
}

void comes_and_goes(Harness& harness, const LifecycleKitOptions& options) {
  for (std::size_t i = 0; i < options.restarts; ++i) {
    // From at once to half a minute, so that whatever it does periodically is caught in the middle.
    harness.pass(std::chrono::milliseconds(i * i * 80));
    harness.stop(0);
    harness.start(0);
  }
}

void crashes(Harness& harness) {
  for (int i = 0; i < 5; ++i) {
    harness.pass(std::chrono::milliseconds(i * 37));
    harness.kill(0);
    harness.pass(std::chrono::seconds(1));
    harness.start(0);
  }
  harness.pass(std::chrono::seconds(10));
}

/// After some work, and shortly after start, at many moments.
void nothing_left(Finding& finding, Harness& harness, const LifecycleKitOptions& options) {
  harness.complaints();
  if (options.work) options.work(harness);
  harness.pass(std::chrono::seconds(3));
  const auto stop = [&](std::size_t who, const std::string& when) {
    harness.stop(who);
    const auto complaints = harness.complaints();
    return finding.expect(complaints.empty(),
                          "stop() " + when + " ends everything that the plugin began, found: " + first_of(complaints));
  };
  for (std::size_t who = 0; who < Harness::clients; ++who)
    if (!stop(who, "after some work")) return;
  for (int i = 0; i < 12; ++i) {
    harness.start(0);
    harness.pass(std::chrono::milliseconds(i * 3));
    if (!stop(0, "shortly after start()")) return;
  }
}

std::string quick_stop(Finding& finding, Harness& harness, const LifecycleKitOptions& options) {
  if (options.work) options.work(harness);
  Duration longest{0};
  for (int i = 0; i < 12; ++i) {
    harness.pass(std::chrono::milliseconds(i * 11));
    const Duration before = harness.uptime();
    harness.stop(0);
    longest = std::max(longest, harness.uptime() - before);
    harness.start(0);
  }
  finding.expect(longest < std::chrono::seconds(5),
                 "stop() takes less than 5 s, found " + std::to_string(longest / std::chrono::milliseconds(1)) + " ms");
  return "at most " + std::to_string(longest / std::chrono::milliseconds(1)) + " ms";
}

std::string real_io(Finding& finding, Harness& harness, const LifecycleKitOptions& options) {
  if (options.work) options.work(harness);
  harness.pass(options.life);
  const std::string found = harness.real_io();
  finding.expect(found.empty(), "the plugin reaches the outside only through its context, found: " + found);
  return {};
}

void repeats(Finding& finding, const MakeHarness& make, const LifecycleKitOptions& options) {
  const auto one_run = [&](std::uint64_t seed) {
    const auto harness = make(seed);
    if (options.work) options.work(*harness);
    harness->pass(options.life);
    harness->stop(0);
    harness->start(0);
    harness->pass(std::chrono::seconds(10));
    return harness->log_hash();
  };
  const std::uint64_t first = one_run(options.seed);
  finding.expect(first == one_run(options.seed), "two simulations of one seed have the same event log");
}

}  // namespace

void append(Report& to, const Report& from) {
  to.checks.insert(to.checks.end(), from.checks.begin(), from.checks.end());
}

Report check_lifecycle(const MakeHarness& make, LifecycleKitOptions options) {
  Report report;
  const auto run = [&](std::string name, auto body) {
    check(report, std::move(name), [&](Finding& finding) {
      const auto harness = make(options.seed);
      return body(finding, *harness);
    });
  };
  run("it loads and starts", starts);
  if (!report.holds()) return report;  // nothing else can be said
  run("it starts and stops as often as one likes", [&](Finding&, Harness& h) { comes_and_goes(h, options); });
  run("it starts again after a crash", [](Finding&, Harness& h) { crashes(h); });
  run("it leaves nothing running after stop", [&](Finding& f, Harness& h) { nothing_left(f, h, options); });
  run("it stops quickly", [&](Finding& f, Harness& h) { return quick_stop(f, h, options); });
  run("it does no real input or output in a simulation",
      [&](Finding& f, Harness& h) { return real_io(f, h, options); });
  check(report, "the same seed gives the same run", [&](Finding& f) { repeats(f, make, options); });
  return report;
}

}  // namespace argot::kit
