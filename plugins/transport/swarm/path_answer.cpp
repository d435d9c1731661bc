#include "path_answer.h"

namespace argot::swarm {
namespace {

/// The key that follows `prefix`, when the text is that and nothing more.
std::optional<Fixed<32>> key_after(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return fixed_from_hex<32>(text);
}

PathAnswer blame(const Fixed<32>& key, const Path& path, const Fixed<32>* destination) {
  if (destination && key == *destination) return {PathAnswer::destination, {}};
  if (key == path.hops[0].ed25519) return {PathAnswer::path, {Fault::guard, key}};
  // Somebody who is not in the path at all: whoever says so cannot be believed.
  if (!path.has(key)) return {PathAnswer::path, {Fault::path, {}}};
  return {PathAnswer::path, {Fault::hop, key}};
}

}  // namespace

PathAnswer judge(unsigned status, std::string_view body, const Path& path, const Fixed<32>* destination) {
  const Fault guard{Fault::guard, path.hops[0].ed25519};
  if (status == 502)
    for (std::string_view prefix : {"Next node not found: ", "Next node is currently unreachable: "})
      if (const auto key = key_after(body, prefix)) {
        // Nobody comes before the guard who could say that of it.
        if (*key == path.hops[0].ed25519) return {PathAnswer::path, {Fault::path, {}}};
        return blame(*key, path, destination);
      }
  if (status == 503) {
    if (const auto key = key_after(body, "Snode not ready: ")) return blame(*key, path, destination);
    if (body.starts_with("Service node is not ready") || body.starts_with("Server busy"))
      return {PathAnswer::path, guard};
  }
  if (status == 429) return {PathAnswer::path, guard};
  if (status == 504 && body.starts_with("Request time out")) return {PathAnswer::path, {Fault::unclear, {}}};
  // The text is that of the last hop's HTTP library.
  if (!destination && (status == 502 || status == 504)) return {PathAnswer::server, {}};
  return {PathAnswer::path, {Fault::path, {}}};
}

}  // namespace argot::swarm
