// What a media plugin and its decoder process say to each other: one request, one answer, then the end.
// Both are flat: numbers little-endian, every length before what it measures, every length bounded.
#pragma once
#include <argot/bytes.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>

namespace argot::media {

inline constexpr std::size_t max_input = 10 * 1024 * 1024;  ///< bytes of an item, as <argot/media.h> says
inline constexpr std::size_t max_thumbnail = 128 * 1024;    ///< bytes
inline constexpr std::size_t max_waveform = 256;            ///< bytes
inline constexpr std::size_t max_text = 200;                ///< bytes of a type or a reason

enum class Operation : std::uint8_t { prepare = 1, describe = 2 };

struct Request {
  Operation operation = Operation::describe;
  std::uint32_t thumbnail_edge = 320;    ///< pixels of the longer edge
  std::uint64_t max_pixels = 0;          ///< of one picture; all frames of an animation together: four times as many
  std::uint64_t max_output = max_input;  ///< bytes of what prepare makes
  std::string content_type;              ///< as sniffed; the decoder looks for itself
  Bytes data;
};

enum class Status : std::uint8_t { done = 0, corrupt = 1, too_large = 2, unsupported = 3 };

struct Answer {
  Status status = Status::done;
  std::string text;  ///< done: the content type; otherwise the reason, the end of a sentence: "is cut off"
  std::uint32_t width = 0, height = 0;
  std::uint32_t frames = 0;  ///< of an animation; 0 or 1: it does not move
  std::uint64_t length_us = 0;
  Bytes thumbnail, waveform;
  Bytes data;  ///< prepare: what to send
};

/// A decoder's way to say no.
class Refusal : public std::exception {
 public:
  Refusal(Status status, std::string reason) : status(status), reason(std::move(reason)) {}
  const char* what() const noexcept override { return reason.c_str(); }
  Status status;
  std::string reason;
};

Bytes encode(const Request& request);
/// What is there of a request; nothing if it is not exactly one.
std::optional<Request> decode_request(ByteView bytes);
Bytes encode(const Answer& answer);
/// Nothing if it is not exactly one answer within the bounds. The sender may be a decoder that somebody has taken over:
/// nothing in it is believed further than its shape.
std::optional<Answer> decode_answer(ByteView bytes, std::uint64_t max_output);
/// The longest answer that can be right.
inline std::uint64_t max_answer(std::uint64_t max_output) {
  return max_output + max_thumbnail + max_waveform + max_text + 128;
}

}  // namespace argot::media
