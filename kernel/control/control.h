#pragma once
// How another process of the same user speaks to a running kernel: one JSON object a line over a Unix socket that
// only this user can open. Where the control API for front ends grows.
//
//   {"id": 1, "method": "plugin.swap", "params": {"kind": "transport", "from": "", "to": "loopback"}}
//   {"id": 1, "result": {...}}   or   {"id": 1, "error": {"code": "not_found", "message": "...", "remedy": "..."}}
//
// A line is at most 1 MiB, callers are at most 16: whoever goes beyond is told so and cut off.
// Methods: status; paths (what paths_json() gives); plugin.running; plugin.swap {kind, from, to, options: [..]};
// stop {code}.
#include <kernel/host/host.h>

#include <argot/paths.h>

namespace argot::kernel {

/// Where a kernel with this data folder listens.
std::string control_address(const std::filesystem::path& data);

/// Makes the control socket a component of this kernel. A kernel without a data folder has none.
void add_control(Host& host);

/// One call to another kernel; throws the Error that it answered with, or unavailable when it does not run.
Task<boost::json::value> call_control(Context& ctx, std::string address, std::string method,
                                      boost::json::object params);

/// The Error that a kernel answered with, from the "error" of its answer; one without a code that is known is
/// unavailable.
Error error_in(const boost::json::object& told);

/// Paths as the control socket tells them: a list of {hops: [{address, key}], spare, failures, answered, in_flight,
/// built_ms}, best first.
boost::json::array paths_json(const std::vector<PathView>& paths);

}  // namespace argot::kernel
