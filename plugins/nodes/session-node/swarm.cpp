#include "swarm.h"

#include <argot/swarms.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "assignment.h"

namespace argot::node {
namespace {

template <class T> std::optional<T> number(std::string_view text, int base) {
  T out{};
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), out, base);
  if (failure != std::errc{} || end != text.end()) return std::nullopt;
  return out;
}

constexpr std::string_view automatic = "auto";

struct Line {
  ServiceNode node;
  bool automatic = false;
};

Line parse_line(const std::string& line, const std::string& place) {
  const auto fail = [&](const std::string& what) {
    throw Error(Code::invalid_argument, place + ": " + what + ".",
                "A line is \"host:port ed25519hex swarmhex\", for example "
                "\"127.0.0.1:22021 <64 hex digits> 3fffffffffffffff\"; \"auto\" instead of the swarm leaves it to the "
                "chain's rule.");
  };
  std::istringstream words(line);
  std::string address, key, swarm, more;
  words >> address >> key >> swarm >> more;
  Line out;
  ServiceNode& node = out.node;
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
  out.automatic = swarm == automatic;
  const auto id = out.automatic ? no_swarm : number<std::uint64_t>(swarm, 16);
  if (!id) fail("\"" + swarm + "\" is no swarm id in hex");
  node.swarm = *id;
  if (!more.empty()) fail("\"" + more + "\" is too much");
  return out;
}

/// The nodes registered one after the other, in their order; each time the chain's rule is applied, with a seed that
/// follows from the keys so far.
void assign(std::vector<ServiceNode>& nodes) {
  std::vector<std::size_t> by_key(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) by_key[i] = i;
  std::sort(by_key.begin(), by_key.end(),
            [&](std::size_t a, std::size_t b) { return nodes[a].ed25519 < nodes[b].ed25519; });
  std::vector<std::uint64_t> rank(nodes.size());
  for (std::size_t i = 0; i < by_key.size(); ++i) rank[by_key[i]] = i;

  SwarmMembers swarms;
  Bytes seen(32);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    seen.insert(seen.end(), nodes[i].ed25519.begin(), nodes[i].ed25519.end());
    seen = keys::blake2b(32, seen);
    std::uint64_t seed = 0;
    for (std::size_t byte = 8; byte-- > 0;) seed = seed << 8 | seen[byte];
    for (auto& [id, members] : swarms) std::sort(members.begin(), members.end());
    swarms[no_swarm] = {rank[i]};
    swarms = reassign_swarms(std::move(swarms), seed);
  }
  for (const auto& [id, members] : swarms)
    for (std::uint64_t member : members) nodes[by_key[member]].swarm = id;
}

}  // namespace

NodeList::NodeList(std::vector<ServiceNode> nodes) : nodes_(std::move(nodes)) {
  for (const ServiceNode& node : nodes_)
    if (node.swarm != no_swarm) swarms_.push_back(node.swarm);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    by_ed25519_.emplace(nodes_[i].ed25519, i);
    by_x25519_.emplace(nodes_[i].x25519, i);
  }
  std::sort(swarms_.begin(), swarms_.end());
  swarms_.erase(std::unique(swarms_.begin(), swarms_.end()), swarms_.end());
}

NodeList NodeList::parse(std::string_view text, std::string_view place) {
  std::istringstream lines{std::string(text)};
  std::vector<ServiceNode> nodes;
  std::set<Fixed<32>> known;
  std::size_t automatic_lines = 0;
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    const std::string where = std::string(place) + ", line " + std::to_string(number);
    Line read = parse_line(line, where);
    automatic_lines += read.automatic;
    if (!known.insert(read.node.ed25519).second)
      throw Error(Code::invalid_argument, where + ": the node " + to_hex(read.node.ed25519) + " is listed twice.",
                  "Remove one of the two lines.");
    nodes.push_back(std::move(read.node));
  }
  if (automatic_lines > 0 && automatic_lines != nodes.size())
    throw Error(Code::invalid_argument, std::string(place) + ": some lines name a swarm and some say \"auto\".",
                "Let all lines say \"auto\", or give each node its swarm.");
  if (automatic_lines > 0) assign(nodes);
  return NodeList(std::move(nodes));
}

namespace {
const ServiceNode* look_up(const std::vector<ServiceNode>& nodes, const std::map<Fixed<32>, std::size_t>& index,
                           ByteView key) {
  Fixed<32> fixed{};
  if (key.size() != fixed.size()) return nullptr;
  std::copy(key.begin(), key.end(), fixed.begin());
  const auto at = index.find(fixed);
  return at == index.end() ? nullptr : &nodes[at->second];
}
}  // namespace

const ServiceNode* NodeList::find(ByteView ed25519) const { return look_up(nodes_, by_ed25519_, ed25519); }
const ServiceNode* NodeList::find_x25519(ByteView key) const { return look_up(nodes_, by_x25519_, key); }

std::optional<std::uint64_t> NodeList::swarm_of(const AccountId& account) const {
  return swarms::nearest(swarms_, swarms::position(account));
}

std::vector<ServiceNode> NodeList::members(std::uint64_t swarm) const {
  std::vector<ServiceNode> out;
  for (const ServiceNode& node : nodes_)
    if (node.swarm == swarm) out.push_back(node);
  return out;
}

ServiceNode updated_contact(const ServiceNode& known, ServiceNode incoming) {
  if (incoming.host == "0.0.0.0" && incoming.https_port == 0 && incoming.omq_port == 0) {
    incoming.host = known.host;
    incoming.https_port = known.https_port;
    incoming.omq_port = known.omq_port;
  }
  return incoming;
}

std::vector<Fixed<32>> owed_after(const NodeList& before, const NodeList& after, ByteView self) {
  const ServiceNode* was = before.find(self);
  const ServiceNode* is = after.find(self);
  std::vector<Fixed<32>> out;
  // Who comes into a swarm for the first time has nothing; who has left the network gives nothing.
  if (!was || was->swarm == no_swarm || !is || is->swarm == no_swarm) return out;
  const auto existed = [](const NodeList& list, std::uint64_t swarm) {
    return std::binary_search(list.swarms().begin(), list.swarms().end(), swarm);
  };
  const bool moved = was->swarm != is->swarm;
  if (moved && existed(after, was->swarm)) return out;  // those who stayed there have the messages
  for (const ServiceNode& node : after.nodes()) {
    if (node.swarm == no_swarm || std::equal(self.begin(), self.end(), node.ed25519.begin())) continue;
    const ServiceNode* earlier = before.find(node.ed25519);
    const bool joined = node.swarm == is->swarm && (!earlier || earlier->swarm != node.swarm);
    if (moved || joined || !existed(before, node.swarm)) out.push_back(node.ed25519);
  }
  return out;
}

std::string line_of(const ServiceNode& node) {
  char swarm[17];
  const auto end = std::to_chars(swarm, swarm + 16, node.swarm, 16).ptr;
  return node.address() + " " + to_hex(node.ed25519) + " " + std::string(swarm, end) + "\n";
}

}  // namespace argot::node
