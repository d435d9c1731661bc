#pragma once
// What stays on this machine: Unix sockets ("unix:/path") and this process's own terminal ("stdio:").
#include <argot/context.h>
#include <argot/stream.h>

namespace argot::os {

inline constexpr std::string_view unix_prefix = "unix:", stdio_address = "stdio:";

inline bool is_local(std::string_view address) { return address.starts_with(unix_prefix) || address == stdio_address; }

/// Throws as Network::connect.
Task<Stream> connect_local(Context& ctx, std::string address);
/// Only for "unix:/path". The socket file is for this user alone; one that nobody listens at any more is replaced.
std::unique_ptr<Listener> listen_local(Context& ctx, const std::string& address);

}  // namespace argot::os
