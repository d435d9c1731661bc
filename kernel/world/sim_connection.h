#pragma once
// One simulated byte stream between two hosts: two ends, each with what has arrived and what waits to be done.
#include <kernel/world/cancel_hook.h>
#include <kernel/world/sim_link.h>
#include <kernel/world/sim_loop.h>

#include <argot/stream.h>

#include <deque>

namespace argot::kernel {

class SimNet;

/// How an operation on a stream ended, in one byte so that a completion fits into a SimJob.
enum class SimOutcome : std::uint8_t { done, eof, reset, aborted, refused, timed_out };
error_code error_of(SimOutcome outcome);

enum SimSide : std::uint8_t { client_side = 0, server_side = 1 };
inline SimSide other(SimSide s) { return s == client_side ? server_side : client_side; }

class SimConnection : public std::enable_shared_from_this<SimConnection> {
 public:
  /// Bytes under way or arrived and unread, one way. A writer that is so far ahead waits.
  static constexpr std::size_t window = 256 * 1024;
  static constexpr std::size_t max_packet = 64 * 1024;
  static constexpr Duration connect_bound = std::chrono::seconds(10);

  SimConnection(SimNet& net, std::uint64_t id, SimLife& target, std::uint16_t port);
  ~SimConnection();

  // --- what the ends' owners do ---
  /// Sends the request; `done` within connect_bound.
  void connect(Handler<void(error_code)> done);
  void read_some(SimSide side, asio::mutable_buffer into, StreamBase::Done done);
  void write_some(SimSide side, asio::const_buffer from, StreamBase::Done done);
  void close(SimSide side);

  // --- what the network does ---
  /// From here on this side has an owner, or a listener that will give it one.
  void attach(SimSide side, SimLife& host, std::string peer);
  void arrive(SimSide to, PacketKind kind, Bytes bytes);
  /// The host of this side died: what waits there is destroyed, the other side will see a reset.
  void die(SimSide side);

  struct End {
    SimLife* host = nullptr;
    std::uint32_t life = 0;
    std::string peer;
    Duration last_arrival{0};  ///< of what this end has sent: nothing overtakes
    bool closed = false, dead = false;
    // the two ways a stream ends, as seen from here
    bool finished = false, broken = false;

    std::deque<Bytes> arrived;
    std::size_t arrived_offset = 0;  ///< into the first
    std::size_t unread = 0;          ///< sent by this end, not yet read by the other
    bool window_promised = false;    ///< a window packet to this end is under way

   private:
    friend class SimConnection;
    class Operation;
    std::unique_ptr<Operation> read, write;
  };
  const End& end(SimSide side) const { return ends_[side]; }
  End& end(SimSide side) { return ends_[side]; }
  std::uint64_t id() const { return id_; }
  std::uint16_t port() const { return port_; }

 private:
  class ConnectTimer;
  class ConnectCancel;
  void finish_connect(SimOutcome outcome);
  void send(SimSide from, PacketKind kind, Bytes bytes = {});
  void read_arrived(SimSide side);
  void write_on(SimSide side);
  void complete(End& end, std::unique_ptr<End::Operation>& operation, SimOutcome outcome, std::size_t bytes);
  void complete(End& end, StreamBase::Done done, SimOutcome outcome, std::size_t bytes);
  void break_off(SimSide side);

  SimNet& net_;
  const std::uint64_t id_;
  const std::uint16_t port_;
  End ends_[2];
  Handler<void(error_code)> connecting_;
  ConnectTimer* connect_timer_ = nullptr;
  std::unique_ptr<ConnectCancel> connect_cancel_;
};

/// One end as plugins see it.
class SimStream final : public StreamBase {
 public:
  SimStream(std::shared_ptr<SimConnection> connection, SimSide side);
  ~SimStream() override;
  void read_some(asio::mutable_buffer into, Done done) override;
  void write_some(asio::const_buffer from, Done done) override;
  void close() noexcept override;
  asio::any_io_executor executor() override;
  std::string peer() const override;

 private:
  std::shared_ptr<SimConnection> connection_;
  SimSide side_;
};

}  // namespace argot::kernel
