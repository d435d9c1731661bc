#pragma once
// How the chain forms swarms (swarm.md sections 4 and 5): newcomers are placed, starving swarms take from rich ones,
// new swarms are made of what is too much, and what starves on is dissolved. Deterministic: the same members and the
// same seed (the first 8 bytes of a block's hash) give the same swarms on every machine.
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "swarm.h"

namespace argot::node {

/// Members by swarm id; those under no_swarm wait for a place. Members are the caller's numbers.
using SwarmMembers = std::map<std::uint64_t, std::vector<std::uint64_t>>;

/// Random numbers that are the same everywhere.
class PortableRandom {
 public:
  explicit PortableRandom(std::uint64_t seed) : engine_(seed) {}
  /// Uniform in [0, n); n > 0.
  std::uint64_t uniform(std::uint64_t n);
  std::uint64_t next() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

/// The chain's shuffle; `below(n)` gives a number under n.
template <class List, class Below> void shuffle(List& items, Below below) {
  for (std::size_t i = 1; i < items.size(); ++i) std::swap(items[i], items[below(i + 1)]);
}

/// The swarms after one block. Unlike the original it keeps the last swarm even when it starves.
SwarmMembers reassign_swarms(SwarmMembers swarms, std::uint64_t seed);

/// The middle of the largest gap between the ids, which ascend.
std::uint64_t new_swarm_id(const std::vector<std::uint64_t>& ids);

/// Members beyond five, and how many of them make a new swarm.
std::uint64_t swarm_excess(const std::vector<std::uint64_t>& sizes);
std::uint64_t excess_for_new_swarm(std::size_t swarms);

/// Tester and testee of a block among `members` nodes sorted by key (swarm.md section 10); members > 1.
struct StorageTestPair {
  std::uint64_t seed, tester, testee;
};
StorageTestPair storage_test_pair(std::uint64_t members, std::string_view block_hash_hex);

}  // namespace argot::node
