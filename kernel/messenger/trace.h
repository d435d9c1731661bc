#pragma once
// Where a message has been, as the bytes kept with it: appended to, never rewritten.
#include <argot/messenger.h>

namespace argot::kernel {

/// Appends one way-point. `detail` is cut at 300 bytes, the whole trace at 8 KiB.
void append_step(Bytes& trace, std::string_view stage, Time at, std::string_view detail);
/// In order of time. Damaged bytes end the list early; never throws.
std::vector<TraceStep> read_trace(ByteView trace);
/// "node 127.0.0.1:4101 (3fa1…), then …"
std::string describe(const Route& route);

}  // namespace argot::kernel
