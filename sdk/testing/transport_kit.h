#pragma once
// The conformance kit for transports: every promise of <argot/transport.h> that an execution can refute.
//
//   Report report = check_transport(make_harness);
//   std::cout << report.table();
//
// Three accounts, each in a kernel of its own: Alice (0) stores, Bob (1) receives, Carol (2) tries what she should not.
// The kit reads mailboxes as the messenger does: an envelope that comes again under its own hash is dropped (the
// interface allows it), but one that comes under two hashes, or whose hash stands for two envelopes, is a fault.
#include "harness.h"

#include <argot/transport.h>

namespace argot::kit {

struct TransportKitOptions {
  std::size_t envelopes = 1000;  ///< how many are sent to see whether one is lost
  std::uint64_t seed = 1;
};

/// Tries every promise. Never throws because of the transport: what it throws is a check that fails.
Report check_transport(const MakeHarness& make, TransportKitOptions options = {});

}  // namespace argot::kit
