#include "swarm.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace argot::node {
namespace {

template <class T> std::optional<T> number(std::string_view text, int base) {
  T out{};
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), out, base);
  if (failure != std::errc{} || end != text.end()) return std::nullopt;
  return out;
}

ServiceNode parse_line(const std::string& line, const std::string& place) {
  const auto fail = [&](const std::string& what) {
    throw Error(Code::invalid_argument, place + ": " + what + ".",
                "A line is \"host:port ed25519hex swarmhex\", for example "
                "\"127.0.0.1:22021 <64 hex digits> 3fffffffffffffff\".");
  };
  std::istringstream words(line);
  std::string address, key, swarm, more;
  words >> address >> key >> swarm >> more;
  ServiceNode node;
  const auto colon = address.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt
                                               : number<std::uint16_t>(std::string_view(address).substr(colon + 1), 10);
  if (!port || *port == 0 || colon == 0) fail("\"" + address + "\" is no host:port");
  node.host = address.substr(0, colon);
  node.https_port = *port;
  const auto ed25519 = fixed_from_hex<32>(key);
  const auto x25519 = ed25519 ? keys::x25519_from_ed25519(*ed25519) : std::nullopt;
  if (!x25519) fail("\"" + key + "\" is no Ed25519 key in hex");
  node.ed25519 = *ed25519;
  node.x25519 = *x25519;
  const auto id = number<std::uint64_t>(swarm, 16);
  if (!id) fail("\"" + swarm + "\" is no swarm id in hex");
  node.swarm = *id;
  if (!more.empty()) fail("\"" + more + "\" is too much");
  return node;
}

}  // namespace

std::uint64_t swarm_position(const AccountId& account) {
  std::uint64_t position = 0;
  for (std::size_t word = 0; word < 32; word += 8) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | account.key()[word + i];
    position ^= value;
  }
  return position;
}

std::optional<std::uint64_t> nearest_swarm(const std::vector<std::uint64_t>& ids, std::uint64_t position) {
  if (ids.empty()) return std::nullopt;
  auto right = std::lower_bound(ids.begin(), ids.end(), position);
  if (right == ids.end()) right = ids.begin();
  const auto left = right == ids.begin() ? std::prev(ids.end()) : std::prev(right);
  return *right - position < position - *left ? *right : *left;  // distances modulo 2^64
}

NodeList::NodeList(std::vector<ServiceNode> nodes) : nodes_(std::move(nodes)) {
  for (const ServiceNode& node : nodes_)
    if (node.swarm != no_swarm) swarms_.push_back(node.swarm);
  std::sort(swarms_.begin(), swarms_.end());
  swarms_.erase(std::unique(swarms_.begin(), swarms_.end()), swarms_.end());
}

NodeList NodeList::parse(std::string_view text, std::string_view place) {
  std::istringstream lines{std::string(text)};
  std::vector<ServiceNode> nodes;
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    const std::string where = std::string(place) + ", line " + std::to_string(number);
    ServiceNode node = parse_line(line, where);
    for (const ServiceNode& other : nodes)
      if (other.ed25519 == node.ed25519)
        throw Error(Code::invalid_argument, where + ": the node " + to_hex(node.ed25519) + " is listed twice.",
                    "Remove one of the two lines.");
    nodes.push_back(std::move(node));
  }
  return NodeList(std::move(nodes));
}

const ServiceNode* NodeList::find(ByteView ed25519) const {
  for (const ServiceNode& node : nodes_)
    if (std::equal(node.ed25519.begin(), node.ed25519.end(), ed25519.begin(), ed25519.end())) return &node;
  return nullptr;
}

std::optional<std::uint64_t> NodeList::swarm_of(const AccountId& account) const {
  return nearest_swarm(swarms_, swarm_position(account));
}

std::vector<ServiceNode> NodeList::members(std::uint64_t swarm) const {
  std::vector<ServiceNode> out;
  for (const ServiceNode& node : nodes_)
    if (node.swarm == swarm) out.push_back(node);
  return out;
}

std::string line_of(const ServiceNode& node) {
  char swarm[17];
  const auto end = std::to_chars(swarm, swarm + 16, node.swarm, 16).ptr;
  return node.address() + " " + to_hex(node.ed25519) + " " + std::string(swarm, end) + "\n";
}

}  // namespace argot::node
