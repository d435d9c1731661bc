// The Session suite against bare libsodium calls, in time.
#include "bench.h"
#include "session_calls.h"

namespace argot::bench {

Rows session(const Effort& effort) {
  SessionCalls calls;
  const int count = effort.count(20, 2), slices = effort.count(25, 1);
  const auto seconds = kit::interleaved(
      effort.rounds, slices,
      {[&] { calls.seal(count); }, [&] { calls.bare_seal(count, true); }, [&] { calls.bare_seal(count, false); },
       [&] { calls.open(count); }, [&] { calls.bare_open(count); }});
  const double us = 1e6 / (double(count) * slices);
  return {{"seal, CPU time", seconds[0] * us, "us"},
          {"  against bare calls, decoy signature included", seconds[0] / seconds[1], "x"},
          {"  against bare calls without the decoy", seconds[0] / seconds[2], "x"},
          {"open, CPU time", seconds[3] * us, "us"},
          {"  against bare calls", seconds[3] / seconds[4], "x"}};
}

}  // namespace argot::bench
