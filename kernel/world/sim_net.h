#pragma once
// The simulated network: who listens where, links and what the experiment does to them, packets under way.
#include <kernel/world/sim_connection.h>
#include <kernel/world/sim_link.h>

#include <argot/fabric.h>

#include <map>
#include <set>
#include <unordered_map>

namespace argot::kernel {

/// Ports from here on are given to who asks for none.
constexpr std::uint16_t first_free_port = 49152;

/// A place where connections come in. Shared by the plugin's Listener object and the network.
struct SimListening {
  static constexpr std::size_t max_backlog = 1024;  ///< connections nobody has accepted; more are refused
  SimLife* host = nullptr;
  std::uint32_t life = 0;
  std::uint16_t port = 0;
  bool closed = false;
  std::deque<std::shared_ptr<SimConnection>> backlog;
  class Accept;
  std::unique_ptr<Accept> accept;  ///< waits
};

class SimNet {
 public:
  SimNet(std::uint64_t seed, SimLoop& loop, Link link);
  ~SimNet();

  // --- for hosts ---
  std::shared_ptr<SimConnection> make_connection(SimLife& from, SimLife& to, std::uint16_t port);
  /// Throws Error(already_exists) when the port is taken, (resource_exhausted) when none is free.
  std::shared_ptr<SimListening> listen(SimLife& host, std::uint16_t port);
  void unlisten(SimListening& listening);
  /// Completes when the backlog is not empty or the listener is closed (operation_aborted).
  void wait_accept(std::shared_ptr<SimListening> listening, Handler<void(error_code)> done);
  /// Everything of this host, at its death.
  void drop(SimLife& host);

  // --- for connections ---
  SimLoop& loop() { return loop_; }
  void send(std::shared_ptr<SimConnection> connection, SimSide from, PacketKind kind, Bytes bytes);
  void remember(SimConnection& connection, SimSide side);
  void forget(SimConnection& connection, SimSide side);

  // --- for the experiment ---
  void set_default(Link link) { default_ = link; }
  void set_link(SimLife& from, SimLife& to, Link link);
  void set_blocked(SimLife& from, SimLife& to, bool blocked);
  void isolate(SimLife& host, bool isolated);
  void heal_all();
  PacketFilter filter;
  std::vector<PacketObserver> observers;
  std::size_t open_connections() const;

 private:
  class Arrival;
  struct Way;  // one direction between two hosts
  Way& way(const SimLife& from, const SimLife& to);
  const Link& link_of(const Way& way) const;
  bool blocked(const Way& way) const;
  void schedule(Way& way, std::unique_ptr<Arrival> packet);
  void reached(std::unique_ptr<Arrival> packet);
  void asked(SimConnection& connection);
  void release(Way& way);
  void wake(SimListening& listening);

  const std::uint64_t seed_;
  SimLoop& loop_;
  Link default_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::unique_ptr<Way>> ways_;
  std::set<std::uint32_t> isolated_;
  /// By host and port.
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::shared_ptr<SimListening>> listening_;
  /// By host: the ends it has, in order of connecting.
  std::map<std::uint32_t, std::map<std::pair<std::uint64_t, SimSide>, SimConnection*>> ends_;
  std::map<std::uint32_t, std::uint16_t> next_port_;
  std::uint64_t connections_ = 0, packets_ = 0;
};

}  // namespace argot::kernel
