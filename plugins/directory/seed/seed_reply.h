// What a seed answers to get_n_service_nodes (client/onion.md section 11.1, network/registry.md section 1), read with
// suspicion; and the same list in a file.
#pragma once
#include <argot/node_list.h>

#include <string_view>

namespace argot::seed_directory {

inline constexpr std::size_t max_body = 16 * 1024 * 1024;

/// The request's body.
std::string request_body();

/// Throws Error(corrupt): what is wrong, as the end of a sentence ("is not JSON").
NodeList parse_reply(std::string_view body);

/// The list as a file keeps it, with the time it was fetched at (unix ms).
std::string to_file(const NodeList& list, std::int64_t fetched_ms);
struct Kept {
  NodeList list;
  std::int64_t fetched_ms = 0;
};
/// Throws Error(corrupt).
Kept from_file(std::string_view text);

}  // namespace argot::seed_directory
