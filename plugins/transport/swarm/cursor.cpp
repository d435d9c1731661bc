#include "cursor.h"

#include <argot/task.h>

#include <boost/json.hpp>

namespace argot::swarm {

namespace json = boost::json;
constexpr std::size_t max_text = 16 * 1024;

bool is_message_hash(std::string_view text) {
  auto good = [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '/'; };
  return text.size() == 43 && std::all_of(text.begin(), text.end(), good);
}

Cursor Cursor::parse(std::string_view text) {
  Cursor out;
  if (text.empty() || text.size() > max_text) return out;
  error_code failure;
  const json::value parsed = json::parse(text, failure);
  const json::object* all = failure ? nullptr : parsed.if_object();
  const json::value* nodes = all ? all->if_contains("swarm1") : nullptr;
  if (!nodes || !nodes->is_object()) return out;
  for (const auto& member : nodes->get_object()) {
    const auto node = fixed_from_hex<32>(member.key());
    const json::array* place = member.value().if_array();
    if (!node || !place || place->size() != 2 || !(*place)[0].is_string() || !(*place)[1].is_int64()) continue;
    const std::string_view hash = (*place)[0].get_string();
    if (is_message_hash(hash) && out.places_.size() < max_places)
      out.places_[*node] = {std::string(hash), (*place)[1].get_int64()};
  }
  return out;
}

std::string Cursor::text() const {
  json::object nodes;
  for (const auto& [node, place] : places_)
    nodes[to_hex(node)] = json::array{json::string(place.hash), place.expiry_ms};
  json::object all;
  all["swarm1"] = std::move(nodes);
  return places_.empty() ? std::string() : json::serialize(all);
}

std::string Cursor::last_hash(const Fixed<32>& node, std::int64_t now_ms) const {
  auto found = places_.find(node);
  return found != places_.end() && found->second.expiry_ms > now_ms ? found->second.hash : std::string();
}

void Cursor::set(const Fixed<32>& node, std::string hash, std::int64_t expiry_ms, std::int64_t now_ms) {
  std::erase_if(places_, [now_ms](const auto& p) { return p.second.expiry_ms <= now_ms; });
  if (!places_.contains(node) && places_.size() >= max_places)
    places_.erase(std::min_element(places_.begin(), places_.end(), [](const auto& a, const auto& b) {
      return a.second.expiry_ms < b.second.expiry_ms;
    }));
  places_[node] = {std::move(hash), expiry_ms};
}

}  // namespace argot::swarm
