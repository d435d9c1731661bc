#pragma once
// The conformance kit for crypto suites: every promise of <argot/suite.h> that an execution can refute.
//
//   Report report = check_suite(make_harness);
//   std::cout << report.table();
//
// A damaged envelope must be refused or read as what was sealed: a wire format may have bytes around the sealed part
// that carry no meaning (the Session Protocol's wrapping has), but nothing may ever read as something else.
#include "harness.h"

#include <argot/suite.h>

namespace argot::kit {

struct SuiteKitOptions {
  std::size_t envelopes = 200;  ///< how many are compared with each other
  std::size_t flips = 600;      ///< how many damaged envelopes are tried
  std::uint64_t seed = 1;
};

/// Tries every promise. Never throws because of the suite: what a suite throws is a check that fails.
Report check_suite(const MakeHarness& make, SuiteKitOptions options = {});

}  // namespace argot::kit
