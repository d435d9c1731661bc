#include "assignment.h"

#include <algorithm>

namespace argot::node {
namespace {

constexpr std::uint64_t max_id = std::numeric_limits<std::uint64_t>::max() - 1;
constexpr std::size_t min_size = 5, new_size = 7, ideal_margin = 2;
constexpr std::size_t fill_percentile = 25, steal_percentile = 75, redistribute_percentile = 0;

struct Sized {
  std::uint64_t id;
  std::size_t size;
};

/// std::sort on purpose: the chain's order of equal sizes is libstdc++'s, which is not stable above 16 swarms.
std::vector<Sized> by_size(const SwarmMembers& swarms) {
  std::vector<Sized> out;
  for (const auto& [id, members] : swarms) out.push_back({id, members.size()});
  std::sort(out.begin(), out.end(), [](const Sized& a, const Sized& b) { return a.size < b.size; });
  return out;
}

struct Candidate {
  std::uint64_t member, swarm;
};
std::vector<Candidate> members_of_swarms_above(const SwarmMembers& swarms, std::size_t size) {
  std::vector<Candidate> out;
  for (const auto& [id, members] : swarms)
    if (members.size() > size)
      for (std::uint64_t member : members) out.push_back({member, id});
  return out;
}

bool somebody_starves(const SwarmMembers& swarms) {
  return std::any_of(swarms.begin(), swarms.end(), [](const auto& s) { return s.second.size() < min_size; });
}

std::vector<std::uint64_t> sizes_of(const SwarmMembers& swarms) {
  std::vector<std::uint64_t> out;
  for (const auto& [id, members] : swarms) out.push_back(members.size());
  return out;
}

class Assignment {
 public:
  Assignment(SwarmMembers swarms, std::uint64_t seed) : swarms_(std::move(swarms)), random_(seed) {}

  SwarmMembers run() {
    if (swarms_.empty()) return {};
    std::vector<std::uint64_t> newcomers;
    if (auto waiting = swarms_.extract(no_swarm)) newcomers = std::move(waiting.mapped());
    if (swarms_.empty()) swarms_[0];
    place(newcomers, fill_percentile);
    steal();
    create();
    dissolve();
    return std::move(swarms_);
  }

 private:
  void place(const std::vector<std::uint64_t>& members, std::size_t percentile) {
    for (std::uint64_t member : members) {
      const auto sorted = by_size(swarms_);
      const std::size_t limit = sorted[percentile * (sorted.size() - 1) / 100].size;
      const auto larger =
          std::find_if(sorted.begin(), sorted.end(), [&](const Sized& swarm) { return swarm.size > limit; });
      const auto choice = random_.uniform(static_cast<std::uint64_t>(larger - sorted.begin()));
      swarms_[sorted[choice].id].push_back(member);
      create();
    }
  }

  void steal() {
    const auto sorted = by_size(swarms_);
    const std::size_t rich = sorted[steal_percentile * (sorted.size() - 1) / 100].size;
    const std::size_t threshold = std::max(min_size, rich ? rich - 1 : 0);
    for (const Sized& poor : sorted) {
      if (poor.size >= min_size) break;
      auto& needy = swarms_[poor.id];
      while (needy.size() < min_size) {
        const auto pool = members_of_swarms_above(swarms_, threshold);
        std::size_t spare = 0;
        for (const auto& [id, members] : swarms_)
          if (members.size() > threshold) spare += members.size() - min_size;
        if (spare < min_size - needy.size()) return;
        const Candidate& taken = pool[random_.uniform(pool.size())];
        std::erase(swarms_[taken.swarm], taken.member);
        needy.push_back(taken.member);
      }
    }
  }

  void create() {
    if (somebody_starves(swarms_)) return;
    while (swarm_excess(sizes_of(swarms_)) >= excess_for_new_swarm(swarms_.size())) {
      std::vector<std::uint64_t> fresh, ids;
      while (fresh.size() < new_size) {
        const auto pool = members_of_swarms_above(swarms_, min_size);
        const Candidate& taken = pool[random_.uniform(pool.size())];
        std::erase(swarms_[taken.swarm], taken.member);
        fresh.push_back(taken.member);
      }
      for (const auto& [id, members] : swarms_) ids.push_back(id);
      swarms_[new_swarm_id(ids)] = std::move(fresh);
    }
  }

  void dissolve() {
    while (swarms_.size() > 1) {
      const auto starving =
          std::find_if(swarms_.begin(), swarms_.end(), [](const auto& s) { return s.second.size() < min_size; });
      if (starving == swarms_.end()) return;
      const auto members = std::move(starving->second);
      swarms_.erase(starving);
      place(members, redistribute_percentile);
    }
  }

  SwarmMembers swarms_;
  PortableRandom random_;
};

}  // namespace

std::uint64_t PortableRandom::uniform(std::uint64_t n) {
  constexpr auto max = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t secure = max - max % n;
  std::uint64_t x;
  do x = engine_();
  while (x >= secure);
  return x / (secure / n);
}

SwarmMembers reassign_swarms(SwarmMembers swarms, std::uint64_t seed) {
  return Assignment(std::move(swarms), seed).run();
}

std::uint64_t new_swarm_id(const std::vector<std::uint64_t>& ids) {
  if (ids.empty()) return 0;
  std::uint64_t start = 0, widest = 0;
  for (std::size_t i = 1; i < ids.size(); ++i)
    if (ids[i] - ids[i - 1] > widest) {
      widest = ids[i] - ids[i - 1];
      start = ids[i - 1];
    }
  if (const std::uint64_t around = max_id - ids.back() + ids.front() + 1; around > widest || ids.size() == 1) {
    widest = around;
    start = ids.back();
  }
  const std::uint64_t half = widest / 2;
  return start > max_id - half ? start - (max_id - half) - 1 : start + half;  // MAX_ID + 1 is 0
}

std::uint64_t swarm_excess(const std::vector<std::uint64_t>& sizes) {
  std::uint64_t sum = 0;
  for (std::uint64_t size : sizes) sum += size > min_size ? size - min_size : 0;
  return sum;
}

std::uint64_t excess_for_new_swarm(std::size_t swarms) { return new_size + ideal_margin * swarms; }

StorageTestPair storage_test_pair(std::uint64_t members, std::string_view block_hash_hex) {
  StorageTestPair out{0, 0, 0};
  for (std::size_t i = 8; i-- > 0;)
    out.seed = out.seed << 8 | static_cast<Byte>(i < block_hash_hex.size() ? block_hash_hex[i] : 0);
  PortableRandom random(out.seed);
  out.tester = random.uniform(members);
  do out.testee = random.uniform(members);
  while (out.testee == out.tester);
  return out;
}

}  // namespace argot::node
