#pragma once
// A link between two nodes after its handshake: frames of a request or an answer, each sealed, many at once in both
// directions. Ours alone: between Session's nodes OMQ takes its place and carries the same bodies (transports.md
// section 7).
//
//   frame: length of the rest u32 | sealed: kind u8, id u32, endpoint or status u16, body      (little endian)
#include <argot/context.h>
#include <argot/stream.h>

#include <memory>
#include <optional>
#include <string>

#include "noise.h"

namespace argot::node {

inline constexpr std::string_view link_prologue = "argot link 1";
/// What a link's first bytes are; TLS begins with 0x16, HTTP with another letter and never with this one.
inline constexpr std::string_view link_magic = "\xA6lnk1\n";

struct Frame {
  enum class Kind : Byte { request = 'q', answer = 'a' };
  Kind kind = Kind::request;
  std::uint32_t id = 0;
  std::uint16_t code = 0;  ///< of a request: the endpoint; of an answer: the status
  std::string body;
};

/// What is sealed of a frame, and back. Nothing: not a frame.
std::string frame_head(const Frame& frame);
std::optional<Frame> parse_frame(std::string_view plain);

/// Both directions of one link. What is pushed within one turn goes out in one piece.
class FrameStream : public std::enable_shared_from_this<FrameStream> {
 public:
  static constexpr std::size_t max_frame = 11 * 1024 * 1024, max_waiting = 64 * 1024 * 1024;

  FrameStream(Context& ctx, Stream stream, NoiseKeys keys)
      : executor_(ctx.executor()), keys_(std::move(keys)), stream_(std::move(stream)) {}

  /// Seals it and sends it soon. False when too much waits already, or the stream is closed.
  bool push(const Frame& frame);
  /// The next frame; nothing when the other side is gone. Throws Error(corrupt) when it was changed on the way.
  Task<std::optional<Frame>> read();
  void close() noexcept;
  bool closed() const { return closed_; }

 private:
  void send();
  void send_rest();
  std::optional<Frame> next_frame();

  asio::any_io_executor executor_;
  NoiseKeys keys_;
  std::string waiting_, sending_;  ///< sealed
  std::size_t sent_ = 0;           ///< of sending_
  bool busy_ = false;              ///< sending, or about to
  std::string in_;                 ///< what came: from in_from_ to in_to_
  std::size_t in_from_ = 0, in_to_ = 0;
  bool closed_ = false;
  Stream stream_;  ///< goes first: it uses the others
};

/// Exactly `size` bytes. Throws Error(unavailable) when the stream ends before.
Task<Bytes> read_exactly(Stream& stream, std::size_t size);
Task<> write_whole(Stream& stream, Bytes bytes);

}  // namespace argot::node
