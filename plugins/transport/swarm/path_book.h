// Which paths there are, how they fare, and which one to take (client/onion.md sections 8 and 10). Decides; sends
// nothing. The rules:
//
// - A path is three nodes, no two in one /24, none of them the destination.
// - Two paths are kept, with nothing in common where the network is large enough: one works, one is spare.
// - Guards are few and stay. A node becomes one when a path through it has answered, and stops being one only when it
//   has failed three times while another path worked: when nothing works it is our own network, and changing guards
//   then would show us to ever more of them.
// - Failures are counted for each path and each node; what answers begins anew. A path that is given up is not taken
//   again, but what is under way on it may finish.
#pragma once
#include <argot/context.h>
#include <argot/paths.h>

#include <map>
#include <set>

namespace argot::swarm {

struct Path {
  std::uint64_t number = 0;
  std::vector<ServiceNode> hops;
  unsigned failures = 0;     ///< in a row
  Duration failing_since{};  ///< uptime of the first of them
  std::uint64_t answered = 0;
  std::size_t in_flight = 0;
  Time built_at{};
  Duration built{};  ///< uptime
  bool has(const Fixed<32>& ed25519) const;
};
using PathPtr = std::shared_ptr<Path>;

/// Who is to blame for a failure on the way.
struct Fault {
  enum Kind {
    guard,   ///< it cannot be reached, or is not ready
    hop,     ///< a node says that the next one, `key`, is unknown or cannot be reached
    path,    ///< somebody of the path
    unclear  ///< no answer in time: it may have been the destination
  } kind = path;
  Fixed<32> key{};
};

/// The network that a path has only one node in: "10.1.2" of 10.1.2.3. Empty: no rule for this one (a name, or a
/// loopback address, where networks for trying things out live).
std::string subnet_of(std::string_view host);

class PathBook {
 public:
  static constexpr std::size_t hop_count = 3, wanted_paths = 2, wanted_guards = 2, max_paths = 4;
  static constexpr unsigned most_failures = 3;

  explicit PathBook(Context& ctx) : ctx_(ctx) {}

  /// The nodes there are now. Paths through a node that is gone are given up.
  void learn(std::vector<ServiceNode> nodes);
  /// Guards of earlier, by Ed25519 key.
  void use_guards(std::vector<Fixed<32>> keys);
  /// The guards to remember.
  const std::vector<Fixed<32>>& guards() const { return guards_; }
  /// Whether we speak to this node ourselves.
  bool knows_us(const Fixed<32>& ed25519) const;

  /// The best path to a destination that is not among those already `tried` (their numbers); builds one when there is
  /// none. Throws Error(unavailable) when there are too few nodes.
  PathPtr choose(const Fixed<32>& destination, const std::set<std::uint64_t>& tried);
  /// A path that has never answered, or not lately; null when all are well.
  PathPtr doubtful() const;
  /// Some node to ask through a path, to see whether it works; null when there is none.
  const ServiceNode* destination_for_test(const Path& path);

  /// A path that works and is `age` old; null when none is.
  PathPtr worn(Duration age) const;
  /// A path with the guard of this one and other hops, which are in no path, and that nobody takes yet; null when the
  /// network is too small.
  PathPtr successor(const Path& path);
  /// The successor has answered: it is taken from now on. What is under way on the old path may finish.
  void succeed(const PathPtr& old, PathPtr successor);

  void answered(const PathPtr& path);
  void failed(const PathPtr& path, Fault fault);

  std::vector<PathView> view() const;

 private:
  struct Strikes {
    unsigned count = 0;
    Duration since{};
  };
  /// `destination`: null when the path may go through it; `not_guard`: a node that must not come first, or null.
  PathPtr build(const Fixed<32>* destination, bool new_guard, const Fixed<32>* not_guard = nullptr);
  /// Draws hops behind a guard. `wishes`: 0: distinct nodes and networks; 1: none that fails; 2: none of another path.
  PathPtr draw(const ServiceNode& guard, const Fixed<32>* destination, int most_wishes, int least_wishes);
  const ServiceNode* pick_guard(const Fixed<32>* destination, bool new_guard, const Fixed<32>* not_guard);
  void fill_up(const Fixed<32>& destination);
  bool is_first(const Fixed<32>& ed25519) const;
  bool in_some_path(const Fixed<32>& ed25519) const;
  void strike(const Fixed<32>& key, unsigned count);
  bool is_struck(const Fixed<32>& key) const;
  bool is_guard(const Fixed<32>& key) const;
  bool somebody_answered_since(Duration when, const Path& except) const;
  void settle(const PathPtr& path);
  void give_up(const PathPtr& path, bool with_guard);
  const ServiceNode* find(const Fixed<32>& key) const;
  void make_room();

  Context& ctx_;
  std::vector<ServiceNode> nodes_;
  std::map<Fixed<32>, std::size_t> by_key_;
  std::map<Fixed<32>, Strikes> strikes_;
  std::vector<Fixed<32>> guards_;
  std::vector<PathPtr> paths_;                     // oldest first
  std::map<std::uint64_t, Duration> last_answer_;  // of paths_, by number
  std::uint64_t next_number_ = 1;
};

}  // namespace argot::swarm
