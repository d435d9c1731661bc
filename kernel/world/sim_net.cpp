#include <kernel/world/sim_net.h>

#include <kernel/world/sim_executor.h>

#include <argot/error.h>

#include <boost/asio/error.hpp>

namespace argot::kernel {

std::string_view name_of(PacketKind kind) {
  constexpr std::string_view names[] = {"connect", "accept", "refuse", "data", "end", "reset", "window"};
  return names[static_cast<std::size_t>(kind)];
}

/// A packet under way; when it waits at a blocked link, out of the loop's hands.
class SimNet::Arrival final : public SimEvent {
 public:
  Arrival(SimNet& net, std::shared_ptr<SimConnection> c, SimSide from, PacketKind kind, Bytes bytes)
      : connection(std::move(c)), bytes(std::move(bytes)), from(from), kind(kind), net_(net) {}
  void happen(std::unique_ptr<SimEvent> self) override {
    net_.reached(std::unique_ptr<Arrival>(static_cast<Arrival*>(self.release())));
  }
  SimLife& sender() const { return *connection->end(from).host; }
  SimLife& receiver() const { return *connection->end(other(from)).host; }

  std::shared_ptr<SimConnection> connection;
  Bytes bytes;
  std::uint64_t number = 0, hash = 0;
  Duration delay{0};
  SimSide from;
  PacketKind kind;

 private:
  SimNet& net_;
};

struct SimNet::Way {
  std::uint32_t from, to;
  std::optional<Link> own;
  bool blocked = false;
  bool inside = false;  ///< a host to itself
  Duration busy_until{0};
  SmallRandom random;
  std::vector<std::unique_ptr<Arrival>> held;
};

SimNet::SimNet(std::uint64_t seed, SimLoop& loop, Link link) : seed_(seed), loop_(loop), default_(link) {}

SimNet::~SimNet() {
  for (auto& [key, w] : ways_) w->held.clear();  // while there is still something to be forgotten by
  listening_.clear();
}

// --- packets ---

SimNet::Way& SimNet::way(const SimLife& from, const SimLife& to) {
  auto& found = ways_[{from.index, to.index}];
  if (!found)
    found.reset(new Way{
        from.index, to.index, {}, false, &from == &to, {}, SmallRandom(seed_, from.name, "link to " + to.name), {}});
  return *found;
}

const Link& SimNet::link_of(const Way& way) const {
  static constexpr Link inside{.latency = std::chrono::microseconds(20)};
  if (way.own) return *way.own;
  return way.inside ? inside : default_;
}

bool SimNet::blocked(const Way& way) const {
  return way.blocked || (!way.inside && (isolated_.contains(way.from) || isolated_.contains(way.to)));
}

void SimNet::send(std::shared_ptr<SimConnection> connection, SimSide from, PacketKind kind, Bytes bytes) {
  auto packet = std::make_unique<Arrival>(*this, std::move(connection), from, kind, std::move(bytes));
  SimLife& sender = packet->sender();
  SimLife& receiver = packet->receiver();
  packet->number = ++packets_;
  if (!observers.empty() || (filter && kind != PacketKind::window)) {
    Packet seen{kind,           sender.name, receiver.name, packet->connection->port(), packet->connection->id(),
                packet->number, loop_.now(), packet->bytes};
    for (const PacketObserver& observer : observers) observer(seen);
    if (filter && kind != PacketKind::window) {
      const Verdict verdict = filter(seen);
      if (verdict == Verdict::drop) return;
      packet->delay = std::max(seen.delay, Duration(0));
      if (verdict == Verdict::reset) {
        packet->kind = PacketKind::reset;
        packet->bytes.clear();
        auto back = std::make_unique<Arrival>(*this, packet->connection, other(from), PacketKind::reset, Bytes());
        back->number = ++packets_;
        schedule(way(receiver, sender), std::move(back));
      }
    }
  }
  if (!packet->bytes.empty()) packet->hash = SimLog::hash_of(packet->bytes);
  loop_.log().add(loop_.now(), SimEventKind::send, sender.index, sender.name,
                  packet->connection->id() * 8 + static_cast<std::uint64_t>(packet->kind), packet->hash);
  schedule(way(sender, receiver), std::move(packet));
}

void SimNet::schedule(Way& way, std::unique_ptr<Arrival> packet) {
  if (blocked(way)) {
    way.held.push_back(std::move(packet));
    return;
  }
  const Link& link = link_of(way);
  Duration at = loop_.now();
  if (link.bandwidth && !packet->bytes.empty()) {
    const auto took = static_cast<std::int64_t>(packet->bytes.size() * 1'000'000 / link.bandwidth);
    way.busy_until = at = std::max(at, way.busy_until) + Duration(took);
  }
  at += link.latency + packet->delay;
  if (link.jitter.count() > 0) at += Duration(way.random.below(static_cast<std::uint64_t>(link.jitter.count()) + 1));
  if (link.loss > 0) {
    Duration again = link.retransmit;
    for (int tries = 0; tries < 6 && way.random.fraction() < link.loss; ++tries, again *= 2) at += again;
  }
  auto& sender = packet->connection->end(packet->from);
  sender.last_arrival = at = std::max(at, sender.last_arrival);
  loop_.at(at, packet.release());
}

void SimNet::reached(std::unique_ptr<Arrival> packet) {
  SimLife& receiver = packet->receiver();
  Way& w = way(packet->sender(), receiver);
  if (blocked(w)) {  // the link was cut while it was under way
    w.held.push_back(std::move(packet));
    return;
  }
  loop_.log().add(loop_.now(), SimEventKind::arrive, receiver.index, receiver.name,
                  packet->connection->id() * 8 + static_cast<std::uint64_t>(packet->kind), packet->hash);
  if (packet->kind == PacketKind::connect) return asked(*packet->connection);
  packet->connection->arrive(other(packet->from), packet->kind, std::move(packet->bytes));
}

void SimNet::asked(SimConnection& connection) {
  SimLife& host = *connection.end(server_side).host;
  const auto found = listening_.find({host.index, connection.port()});
  if (!host.alive() || found == listening_.end() || found->second->backlog.size() >= SimListening::max_backlog)
    return send(connection.shared_from_this(), server_side, PacketKind::refuse, {});
  const SimLife& client = *connection.end(client_side).host;
  std::uint16_t& port = next_port_.try_emplace(client.index, first_free_port).first->second;
  connection.attach(server_side, host, client.name + ":" + std::to_string(port));
  port = port == 65535 ? first_free_port : port + 1;
  send(connection.shared_from_this(), server_side, PacketKind::accept, {});
  found->second->backlog.push_back(connection.shared_from_this());
  wake(*found->second);
}

// --- connections ---

std::shared_ptr<SimConnection> SimNet::make_connection(SimLife& from, SimLife& to, std::uint16_t port) {
  auto connection = std::make_shared<SimConnection>(*this, ++connections_, to, port);
  connection->attach(client_side, from, to.name + ":" + std::to_string(port));
  return connection;
}

void SimNet::remember(SimConnection& connection, SimSide side) {
  ends_[connection.end(side).host->index][{connection.id(), side}] = &connection;
}

void SimNet::forget(SimConnection& connection, SimSide side) {
  const auto host = ends_.find(connection.end(side).host->index);
  if (host != ends_.end()) host->second.erase({connection.id(), side});
}

std::size_t SimNet::open_connections() const {
  std::size_t n = 0;
  for (const auto& [host, ends] : ends_) n += ends.size();
  return n;
}

void SimNet::drop(SimLife& host) {
  for (auto it = listening_.lower_bound({host.index, 0}); it != listening_.end() && it->first.first == host.index;) {
    auto listening = (it++)->second;
    unlisten(*listening);
  }
  // Each may go with its last owner: hold them all until the end.
  std::vector<std::pair<std::shared_ptr<SimConnection>, SimSide>> mine;
  for (auto& [key, connection] : ends_[host.index]) mine.emplace_back(connection->weak_from_this().lock(), key.second);
  ends_.erase(host.index);
  for (auto& [connection, side] : mine)
    if (connection) connection->die(side);
}

// --- what the experiment does ---

void SimNet::set_link(SimLife& from, SimLife& to, Link link) { way(from, to).own = link; }

void SimNet::set_blocked(SimLife& from, SimLife& to, bool blocked) {
  Way& w = way(from, to);
  w.blocked = blocked;
  loop_.log().add(loop_.now(), SimEventKind::control, from.index, from.name, to.index * 2 + (blocked ? 1 : 0));
  if (!blocked) release(w);
}

void SimNet::isolate(SimLife& host, bool isolated) {
  loop_.log().add(loop_.now(), SimEventKind::control, host.index, host.name, isolated ? 3 : 2, 1);
  if (isolated) {
    isolated_.insert(host.index);
    return;
  }
  isolated_.erase(host.index);
  for (auto& [key, w] : ways_)
    if (key.first == host.index || key.second == host.index) release(*w);
}

void SimNet::heal_all() {
  isolated_.clear();
  for (auto& [key, w] : ways_) {
    w->blocked = false;
    release(*w);
  }
}

// What was held is sent again, in the order in which it was first sent.
void SimNet::release(Way& way) {
  if (blocked(way)) return;
  auto held = std::move(way.held);
  way.held.clear();
  std::sort(held.begin(), held.end(), [](const auto& a, const auto& b) { return a->number < b->number; });
  for (auto& packet : held) schedule(way, std::move(packet));
}

}  // namespace argot::kernel
