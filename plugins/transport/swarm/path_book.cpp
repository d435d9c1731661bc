#include "path_book.h"

#include <algorithm>
#include <charconv>

namespace argot::swarm {
namespace {

constexpr Duration strike_lasts = std::chrono::hours(48);

bool same_subnet(const ServiceNode& a, const ServiceNode& b) {
  const std::string one = subnet_of(a.host);
  return !one.empty() && one == subnet_of(b.host);
}

template <class T> void shuffle(Context& ctx, std::vector<T>& list) {
  for (std::size_t left = list.size(); left > 1; --left) std::swap(list[left - 1], list[ctx.random_below(left)]);
}

}  // namespace

std::string subnet_of(std::string_view host) {
  std::string_view rest = host;
  unsigned first = 0;
  for (int part = 0; part < 4; ++part) {
    unsigned value = 256;
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (failure != std::errc() || value > 255) return {};
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (part == 0) first = value;
    if (part == 3) break;
    if (!rest.starts_with('.')) return {};
    rest.remove_prefix(1);
  }
  if (!rest.empty() || first == 127) return {};
  return std::string(host.substr(0, host.rfind('.')));
}

bool Path::has(const Fixed<32>& ed25519) const {
  return std::ranges::any_of(hops, [&](const ServiceNode& hop) { return hop.ed25519 == ed25519; });
}

// --- what there is ---

void PathBook::learn(std::vector<ServiceNode> nodes) {
  nodes_ = std::move(nodes);
  by_key_.clear();
  for (std::size_t i = 0; i < nodes_.size(); ++i) by_key_.emplace(nodes_[i].ed25519, i);
  std::erase_if(strikes_, [this](const auto& each) { return !by_key_.contains(each.first); });
  for (std::size_t i = paths_.size(); i > 0; --i) {
    const PathPtr path = paths_[i - 1];
    for (ServiceNode& hop : path->hops) {
      const ServiceNode* now = find(hop.ed25519);
      // The key is another's, or the address: what was built no longer fits.
      if (!now || now->x25519 != hop.x25519 || now->address() != hop.address()) {
        give_up(path, false);
        break;
      }
    }
  }
}

void PathBook::use_guards(std::vector<Fixed<32>> keys) {
  guards_ = std::move(keys);
  if (guards_.size() > wanted_guards) guards_.resize(wanted_guards);
}

const ServiceNode* PathBook::find(const Fixed<32>& key) const {
  auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &nodes_[found->second];
}

bool PathBook::knows_us(const Fixed<32>& ed25519) const { return is_guard(ed25519) || is_first(ed25519); }

bool PathBook::is_first(const Fixed<32>& ed25519) const {
  return std::ranges::any_of(paths_, [&](const PathPtr& path) { return path->hops[0].ed25519 == ed25519; });
}

bool PathBook::in_some_path(const Fixed<32>& ed25519) const {
  return std::ranges::any_of(paths_, [&](const PathPtr& path) { return path->has(ed25519); });
}

bool PathBook::is_guard(const Fixed<32>& key) const { return std::ranges::find(guards_, key) != guards_.end(); }

bool PathBook::is_struck(const Fixed<32>& key) const {
  auto found = strikes_.find(key);
  return found != strikes_.end() && found->second.count >= most_failures &&
         ctx_.uptime() - found->second.since < strike_lasts;
}

void PathBook::strike(const Fixed<32>& key, unsigned count) {
  Strikes& strikes = strikes_[key];
  if (ctx_.uptime() - strikes.since >= strike_lasts) strikes.count = 0;
  strikes.count = std::min(strikes.count + count, 1000u);
  strikes.since = ctx_.uptime();
}

// --- building ---

const ServiceNode* PathBook::pick_guard(const Fixed<32>* destination, bool new_guard, const Fixed<32>* not_guard) {
  auto free = [&](const Fixed<32>& key) {
    return !(destination && key == *destination) && !(not_guard && key == *not_guard) && !is_first(key);
  };
  if (!new_guard)
    for (const Fixed<32>& key : guards_)
      if (const ServiceNode* node = find(key); node && free(key) && !is_struck(key)) return node;
  std::vector<const ServiceNode*> fresh, good, bad;
  for (const ServiceNode& node : nodes_) {
    if (!free(node.ed25519) || (new_guard && is_guard(node.ed25519))) continue;
    (is_struck(node.ed25519) ? bad : in_some_path(node.ed25519) ? good : fresh).push_back(&node);
  }
  const auto& list = !fresh.empty() ? fresh : !good.empty() ? good : bad;
  return list.empty() ? nullptr : list[ctx_.random_below(list.size())];
}

PathPtr PathBook::build(const Fixed<32>* destination, bool new_guard, const Fixed<32>* not_guard) {
  const ServiceNode* guard = pick_guard(destination, new_guard, not_guard);
  PathPtr path = guard ? draw(*guard, destination, 2, 0) : nullptr;
  if (path) paths_.push_back(path);
  return path;
}

PathPtr PathBook::draw(const ServiceNode& guard, const Fixed<32>* destination, int most_wishes, int least_wishes) {
  std::vector<const ServiceNode*> others;
  for (const ServiceNode& node : nodes_) others.push_back(&node);
  shuffle(ctx_, others);
  // First with all wishes, then with those that a small network can fulfil.
  for (int wishes = most_wishes; wishes >= least_wishes; --wishes) {
    std::vector<ServiceNode> hops{guard};
    for (const ServiceNode* node : others) {
      if (destination && node->ed25519 == *destination) continue;
      if (wishes > 1 && (in_some_path(node->ed25519) || is_guard(node->ed25519))) continue;
      if (wishes > 0 && is_struck(node->ed25519)) continue;
      if (std::ranges::any_of(
              hops, [&](const ServiceNode& hop) { return hop.ed25519 == node->ed25519 || same_subnet(hop, *node); }))
        continue;
      hops.push_back(*node);
      if (hops.size() < hop_count) continue;
      auto path = std::make_shared<Path>();
      path->number = next_number_++;
      path->hops = std::move(hops);
      path->built_at = ctx_.now();
      path->built = ctx_.uptime();
      return path;
    }
  }
  return nullptr;
}

void PathBook::fill_up(const Fixed<32>& destination) {
  if (paths_.empty()) build(&destination, false);
  while (paths_.size() < wanted_paths)  // a spare that goes through this destination is one for all others
    if (!build(nullptr, false, &destination)) return;
}

/// Gives up the path that is worth least when there are too many.
void PathBook::make_room() {
  if (paths_.size() < max_paths) return;
  auto worst = std::ranges::max_element(paths_, [](const PathPtr& a, const PathPtr& b) {
    return std::pair(a->failures, a->number) < std::pair(b->failures, b->number);
  });
  give_up(*worst, false);
}

PathPtr PathBook::choose(const Fixed<32>& destination, const std::set<std::uint64_t>& tried) {
  fill_up(destination);
  // The one with the fewest failures; of equal ones that of a proven guard, then the oldest.
  auto best = [&]() -> PathPtr {
    PathPtr found;
    auto rank = [&](const PathPtr& path) { return std::pair(path->failures, !is_guard(path->hops[0].ed25519)); };
    for (const PathPtr& path : paths_)
      if (!path->has(destination) && !tried.contains(path->number) && (!found || rank(path) < rank(found)))
        found = path;
    return found;
  };
  PathPtr found = best();
  // Where all guards fail, one more node is tried as a guard; it becomes one if it answers.
  if (found && found->failures < most_failures) return found;
  make_room();
  if (PathPtr made = build(&destination, found != nullptr)) return made;
  if (PathPtr made = found ? nullptr : build(&destination, true)) return made;
  if (!found) found = best();
  if (found) return found;
  for (const PathPtr& path : paths_)  // tried already, but there is nothing else
    if (!path->has(destination)) return path;
  std::set<std::string> networks;
  std::size_t elsewhere = 0;
  for (const ServiceNode& node : nodes_)
    if (node.ed25519 != destination && (subnet_of(node.host).empty() || networks.insert(subnet_of(node.host)).second))
      ++elsewhere;
  throw Error(Code::unavailable,
              "A path of three hops needs three service nodes in different networks besides its destination; " +
                  std::to_string(elsewhere) + " of " + std::to_string(nodes_.size()) + " known ones will do.",
              "Wait until the directory knows more nodes, or set the transport's option route to direct, which shows "
              "your address to the nodes.");
}

PathPtr PathBook::doubtful() const {
  for (const PathPtr& path : paths_)
    if (path->failures > 0 || (path->answered == 0 && path->in_flight == 0)) return path;
  return nullptr;
}

PathPtr PathBook::worn(Duration age) const {
  for (const PathPtr& path : paths_)
    if (path->failures == 0 && path->answered > 0 && ctx_.uptime() - path->built >= age) return path;
  return nullptr;
}

PathPtr PathBook::successor(const Path& path) {
  const ServiceNode* guard = find(path.hops[0].ed25519);
  return guard ? draw(*guard, nullptr, 2, 2) : nullptr;
}

void PathBook::succeed(const PathPtr& old, PathPtr successor) {
  const auto at = std::ranges::find(paths_, old);
  // Given up meanwhile, or nodes of the new one have gone.
  if (at == paths_.end() ||
      std::ranges::any_of(successor->hops, [this](const ServiceNode& hop) { return !find(hop.ed25519); }))
    return;
  last_answer_.erase(old->number);
  last_answer_[successor->number] = ctx_.uptime();
  *at = std::move(successor);
}

const ServiceNode* PathBook::destination_for_test(const Path& path) {
  std::vector<const ServiceNode*> good, any;
  for (const ServiceNode& node : nodes_) {
    if (path.has(node.ed25519)) continue;
    any.push_back(&node);
    if (!is_struck(node.ed25519) && !knows_us(node.ed25519)) good.push_back(&node);
  }
  const auto& list = good.empty() ? any : good;
  return list.empty() ? nullptr : list[ctx_.random_below(list.size())];
}

// --- how they fare ---

bool PathBook::somebody_answered_since(Duration when, const Path& except) const {
  return std::ranges::any_of(last_answer_,
                             [&](const auto& each) { return each.first != except.number && each.second >= when; });
}

void PathBook::answered(const PathPtr& path) {
  path->failures = 0;
  ++path->answered;
  for (const ServiceNode& hop : path->hops) strikes_.erase(hop.ed25519);
  if (std::ranges::find(paths_, path) != paths_.end()) last_answer_[path->number] = ctx_.uptime();
  const Fixed<32>& key = path->hops[0].ed25519;
  if (is_guard(key)) return;
  if (guards_.size() < wanted_guards) {
    guards_.push_back(key);
    return;
  }
  // A guard that is no longer listed, or is struck, makes place.
  for (Fixed<32>& guard : guards_)
    if (!find(guard) || is_struck(guard)) {
      guard = key;
      return;
    }
}

void PathBook::failed(const PathPtr& path, Fault fault) {
  if (path->failures++ == 0) path->failing_since = ctx_.uptime();
  switch (fault.kind) {
    case Fault::guard:
    case Fault::unclear: break;  // counted for the guard when the path is given up
    case Fault::path:
      for (std::size_t i = 1; i < path->hops.size(); ++i) strike(path->hops[i].ed25519, 1);
      break;
    case Fault::hop:
      // The one who says so may lie: it gets a strike too, so that it cannot go on choosing our path.
      for (std::size_t i = 1; i < path->hops.size(); ++i)
        if (path->hops[i].ed25519 == fault.key) {
          strike(fault.key, most_failures);
          strike(path->hops[i - 1].ed25519, 1);
        }
      give_up(path, is_struck(path->hops[0].ed25519) && somebody_answered_since(path->failing_since, *path));
      return;
  }
  settle(path);
}

/// Gives a path up that has failed too often, if it is not our own network that fails: another has answered meanwhile.
/// Looked at when it fails, not when the other answers: the network may just have come back.
void PathBook::settle(const PathPtr& path) {
  if (!is_guard(path->hops[0].ed25519) && path->failures > 0 && path->answered == 0) {
    give_up(path, false);  // its guard was only tried
    return;
  }
  if (path->failures < most_failures || !somebody_answered_since(path->failing_since, *path)) return;
  strike(path->hops[0].ed25519, most_failures);
  give_up(path, true);
}

void PathBook::give_up(const PathPtr& path, bool with_guard) {
  if (with_guard) std::erase(guards_, path->hops[0].ed25519);
  std::erase(paths_, path);
  last_answer_.erase(path->number);
}

std::vector<PathView> PathBook::view() const {
  std::vector<PathView> out;
  for (const PathPtr& path : paths_) {
    PathView one;
    one.hops = path->hops;
    one.failures = path->failures;
    one.answered = path->answered;
    one.in_flight = path->in_flight;
    one.built_at = path->built_at;
    out.push_back(std::move(one));
  }
  std::ranges::stable_sort(out, {}, &PathView::failures);
  for (std::size_t i = 1; i < out.size(); ++i) out[i].spare = true;
  return out;
}

}  // namespace argot::swarm
