#include <kernel/world/sim_connection.h>

#include <kernel/world/sim_executor.h>
#include <kernel/world/sim_net.h>

#include <boost/asio/error.hpp>

#include <cstring>

namespace argot::kernel {

error_code error_of(SimOutcome outcome) {
  switch (outcome) {
    case SimOutcome::done: return {};
    case SimOutcome::eof: return asio::error::eof;
    case SimOutcome::reset: return asio::error::connection_reset;
    case SimOutcome::aborted: return asio::error::operation_aborted;
    case SimOutcome::refused: return asio::error::connection_refused;
    case SimOutcome::timed_out: return asio::error::timed_out;
  }
  return asio::error::fault;
}

/// A read or a write that waits.
class SimConnection::End::Operation final : public Cancellable {
 public:
  Operation(SimConnection& connection, End& end, void* data, std::size_t size, StreamBase::Done done)
      : data(data), size(size), done(std::move(done)), connection_(connection), end_(end) {
    hook_to(this->done);
  }
  void cancelled() override {
    auto& mine = end_.read.get() == this ? end_.read : end_.write;
    connection_.complete(end_, mine, SimOutcome::aborted, 0);  // deletes this
  }
  void* data;
  std::size_t size;
  StreamBase::Done done;

 private:
  SimConnection& connection_;
  End& end_;
};

class SimConnection::ConnectTimer final : public SimEvent {
 public:
  explicit ConnectTimer(SimConnection& c) : connection_(&c) {}
  void happen(std::unique_ptr<SimEvent>) override {
    connection_->connect_timer_ = nullptr;
    connection_->finish_connect(SimOutcome::timed_out);
  }

 private:
  SimConnection* connection_;
};

class SimConnection::ConnectCancel final : public Cancellable {
 public:
  explicit ConnectCancel(SimConnection& c) : connection_(c) { hook_to(c.connecting_); }
  void cancelled() override { connection_.finish_connect(SimOutcome::aborted); }

 private:
  SimConnection& connection_;
};

SimConnection::SimConnection(SimNet& net, std::uint64_t id, SimLife& target, std::uint16_t port)
    : net_(net), id_(id), port_(port) {
  ends_[server_side].host = &target;
}

SimConnection::~SimConnection() {
  if (connect_timer_) net_.loop().cancel(connect_timer_);
  for (SimSide side : {client_side, server_side}) net_.forget(*this, side);
}

void SimConnection::attach(SimSide side, SimLife& host, std::string peer) {
  End& e = ends_[side];
  e.host = &host;
  e.life = host.life;
  e.peer = std::move(peer);
  net_.remember(*this, side);
}

void SimConnection::send(SimSide from, PacketKind kind, Bytes bytes) {
  net_.send(shared_from_this(), from, kind, std::move(bytes));
}

// --- connecting ---

void SimConnection::connect(Handler<void(error_code)> done) {
  connecting_.swap(done);  // Boost 1.81: its move assignment calls itself without end
  connect_cancel_ = std::make_unique<ConnectCancel>(*this);
  connect_timer_ = new ConnectTimer(*this);
  net_.loop().at(net_.loop().now() + connect_bound, connect_timer_);
  send(client_side, PacketKind::connect);
}

void SimConnection::finish_connect(SimOutcome outcome) {
  if (!connecting_) return;
  if (connect_timer_) net_.loop().cancel(std::exchange(connect_timer_, nullptr));
  if (connect_cancel_) connect_cancel_->unhook();
  End& e = ends_[client_side];
  // Not established: an answer that still comes finds this end closed and breaks the other.
  if (outcome != SimOutcome::done) e.closed = true;
  net_.loop().ready(*e.host, e.life,
                    SimJob([&host = *e.host, life = e.life, done = std::move(connecting_), outcome]() mutable {
                      sim_complete<error_code>(host, life, std::move(done), error_of(outcome));
                    }));
}

// --- the owner's side ---

void SimConnection::complete(End& e, StreamBase::Done done, SimOutcome outcome, std::size_t bytes) {
  net_.loop().ready(*e.host, e.life,
                    SimJob([host = e.host, life = e.life, outcome, bytes, done = std::move(done)]() mutable {
                      sim_complete<error_code, std::size_t>(*host, life, std::move(done), error_of(outcome), bytes);
                    }));
}

void SimConnection::complete(End& e, std::unique_ptr<End::Operation>& operation, SimOutcome outcome,
                             std::size_t bytes) {
  const std::unique_ptr<End::Operation> last = std::move(operation);
  complete(e, std::move(last->done), outcome, bytes);
}

void SimConnection::read_some(SimSide side, asio::mutable_buffer into, StreamBase::Done done) {
  End& e = ends_[side];
  if (e.closed || e.dead || e.read) return complete(e, std::move(done), SimOutcome::aborted, 0);
  if (into.size() == 0) return complete(e, std::move(done), SimOutcome::done, 0);
  e.read = std::make_unique<End::Operation>(*this, e, into.data(), into.size(), std::move(done));
  read_arrived(side);
}

void SimConnection::read_arrived(SimSide side) {
  End& e = ends_[side];
  if (!e.read) return;
  std::size_t n = 0;
  auto* into = static_cast<Byte*>(e.read->data);
  while (n < e.read->size && !e.arrived.empty()) {
    const Bytes& first = e.arrived.front();
    const std::size_t piece = std::min(e.read->size - n, first.size() - e.arrived_offset);
    std::memcpy(into + n, first.data() + e.arrived_offset, piece);
    n += piece;
    e.arrived_offset += piece;
    if (e.arrived_offset == first.size()) {
      e.arrived.pop_front();
      e.arrived_offset = 0;
    }
  }
  if (n) {
    End& writer = ends_[other(side)];
    writer.unread -= n;
    // Only a writer that waits needs to be told.
    if (writer.write && !writer.window_promised) {
      writer.window_promised = true;
      send(side, PacketKind::window);
    }
    return complete(e, e.read, SimOutcome::done, n);
  }
  if (e.broken) return complete(e, e.read, SimOutcome::reset, 0);
  if (e.finished) return complete(e, e.read, SimOutcome::eof, 0);
}

void SimConnection::write_some(SimSide side, asio::const_buffer from, StreamBase::Done done) {
  End& e = ends_[side];
  if (e.closed || e.dead || e.write) return complete(e, std::move(done), SimOutcome::aborted, 0);
  if (from.size() == 0) return complete(e, std::move(done), SimOutcome::done, 0);
  e.write = std::make_unique<End::Operation>(*this, e, const_cast<void*>(from.data()), from.size(), std::move(done));
  write_on(side);
}

void SimConnection::write_on(SimSide side) {
  End& e = ends_[side];
  if (!e.write) return;
  if (e.broken) return complete(e, e.write, SimOutcome::reset, 0);
  if (e.unread >= window) return;  // read_arrived() at the other end will tell
  const std::size_t n = std::min({e.write->size, window - e.unread, max_packet});
  const auto* from = static_cast<const Byte*>(e.write->data);
  e.unread += n;
  send(side, PacketKind::data, Bytes(from, from + n));
  complete(e, e.write, SimOutcome::done, n);
}

void SimConnection::close(SimSide side) {
  End& e = ends_[side];
  if (e.closed || e.dead) return;
  e.closed = true;
  if (e.read) complete(e, e.read, SimOutcome::aborted, 0);
  if (e.write) complete(e, e.write, SimOutcome::aborted, 0);
  // Closing on unread bytes is a reset, as in TCP: a peer that waits for room would wait for ever.
  if (!e.broken) send(side, e.arrived.empty() ? PacketKind::end : PacketKind::reset);
  e.arrived.clear();
  net_.forget(*this, side);
}

void SimConnection::die(SimSide side) {
  End& e = ends_[side];
  if (e.dead) return;
  e.dead = true;
  e.arrived.clear();
  if (!e.broken && !e.closed) send(side, PacketKind::reset);
  SimLoop& loop = net_.loop();
  const auto bury = [&loop](auto handler) { loop.bury(SimJob([h = std::move(handler)] {})); };
  for (auto* operation : {&e.read, &e.write}) {
    if (!*operation) continue;
    const std::unique_ptr<End::Operation> last = std::move(*operation);
    last->unhook();
    bury(std::move(last->done));
  }
  if (side == client_side && connecting_) {
    if (connect_timer_) loop.cancel(std::exchange(connect_timer_, nullptr));
    connect_cancel_->unhook();
    bury(std::move(connecting_));
  }
}

// --- the network's side ---

void SimConnection::break_off(SimSide side) {
  End& e = ends_[side];
  if (e.closed || e.dead) return;
  e.broken = true;
  if (e.write) complete(e, e.write, SimOutcome::reset, 0);
  read_arrived(side);
}

void SimConnection::arrive(SimSide to, PacketKind kind, Bytes bytes) {
  End& e = ends_[to];
  switch (kind) {
    case PacketKind::connect: break;  // the network's own business
    case PacketKind::accept:
      if (e.closed || e.dead) return send(to, PacketKind::reset);
      return finish_connect(SimOutcome::done);
    case PacketKind::refuse:
      if (!e.dead) finish_connect(SimOutcome::refused);
      return;
    case PacketKind::data:
      if (e.dead) return;
      if (e.closed) return send(to, PacketKind::reset);
      e.arrived.push_back(std::move(bytes));
      return read_arrived(to);
    case PacketKind::end: e.finished = true; return read_arrived(to);
    case PacketKind::reset:
      if (to == client_side && connecting_) return finish_connect(SimOutcome::refused);
      return break_off(to);
    case PacketKind::window: e.window_promised = false; return write_on(to);
  }
}

// --- the stream ---

SimStream::SimStream(std::shared_ptr<SimConnection> connection, SimSide side)
    : connection_(std::move(connection)), side_(side) {}
SimStream::~SimStream() { connection_->close(side_); }
void SimStream::read_some(asio::mutable_buffer into, Done done) {
  connection_->read_some(side_, into, std::move(done));
}
void SimStream::write_some(asio::const_buffer from, Done done) {
  connection_->write_some(side_, from, std::move(done));
}
void SimStream::close() noexcept { connection_->close(side_); }
asio::any_io_executor SimStream::executor() {
  const auto& e = connection_->end(side_);
  return SimExecutor(*e.host, e.life);
}
std::string SimStream::peer() const { return connection_->end(side_).peer; }

}  // namespace argot::kernel
