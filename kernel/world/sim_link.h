#pragma once
// What an experiment can do to the simulated network: how links are, and eyes and hands on every packet.
#include <argot/bytes.h>
#include <argot/task.h>

#include <functional>

namespace argot::kernel {

/// How packets travel one way between two hosts.
struct Link {
  Duration latency = std::chrono::milliseconds(10);
  Duration jitter{0};           ///< up to so much more, uniformly; order within a connection is kept
  std::uint64_t bandwidth = 0;  ///< bytes a second, shared by all connections that way; 0: no limit
  /// The probability that a packet must be sent again, each time after `retransmit`, which doubles (at most 6 times): a
  /// stream sees loss as delay.
  double loss = 0;
  Duration retransmit = std::chrono::milliseconds(200);
};

enum class PacketKind : std::uint8_t {
  connect,  ///< asks for a connection
  accept,   ///< gives it
  refuse,   ///< nobody listens there
  data,
  end,    ///< the sender has closed; nothing follows
  reset,  ///< the sender is gone or does not know the connection
  window  ///< the sender has read on: more may be sent
};

/// Name of a kind: "data".
std::string_view name_of(PacketKind kind);

struct Packet {
  PacketKind kind;
  std::string_view from, to;  ///< names of hosts
  std::uint16_t port;         ///< the listener's
  std::uint64_t connection;   ///< counts from 1 in the world
  std::uint64_t number;       ///< counts from 1 in the world
  Duration sent;
  std::span<Byte> bytes;  ///< of data; a filter may change them
  Duration delay{0};      ///< a filter may add to it; order within the connection is kept
};

enum class Verdict {
  pass,
  drop,  ///< never arrives. A dropped `connect` ends in a time-out; dropped `data` leaves a hole in the stream
  reset  ///< instead, the connection breaks for both ends
};

using PacketFilter = std::function<Verdict(Packet&)>;
using PacketObserver = std::function<void(const Packet&)>;

}  // namespace argot::kernel
