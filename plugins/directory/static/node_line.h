// One service node as a line of text: "host:port ed25519hex [swarmhex]", e.g. "127.0.0.1:4101 9f3c…(64 digits) 1a".
// In place of the swarm it may say "auto" (docs/design/network.md): not known here.
#pragma once
#include <argot/directory.h>

#include <string_view>

namespace argot::static_directory {

inline constexpr std::size_t max_nodes = 10'000;

/// Throws Error(invalid_argument): what is wrong with the line, as the end of a sentence ("has no port").
ServiceNode parse_node_line(std::string_view line);

/// Many lines; empty ones and what follows a # are skipped. `source` names the text in errors: "/etc/nodes".
/// Throws Error(invalid_argument) that names the line, also when a node is there twice or there are too many.
std::vector<ServiceNode> parse_node_lines(std::string_view text, std::string_view source);

}  // namespace argot::static_directory
