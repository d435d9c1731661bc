#include "frames.h"

#include <algorithm>
#include <string_view>

namespace argot::media {
namespace {

constexpr std::string_view request_mark = "ArgQ1", answer_mark = "ArgA1";

class Writer {
 public:
  explicit Writer(std::string_view mark) { raw(view(mark)); }
  void number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out_.push_back(static_cast<Byte>(value >> (8 * i)));
  }
  void raw(ByteView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void piece(ByteView bytes) {
    number(bytes.size(), 4);
    raw(bytes);
  }
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

/// After the first mistake everything reads as zero or empty; whole() tells.
class Reader {
 public:
  Reader(ByteView bytes, std::string_view mark) : rest_(bytes) {
    if (text_of(take(mark.size())) != mark) good_ = false;
  }
  std::uint64_t number(int bytes) {
    std::uint64_t out = 0;
    const ByteView found = take(static_cast<std::size_t>(bytes));
    for (std::size_t i = 0; i < found.size(); ++i) out |= static_cast<std::uint64_t>(found[i]) << (8 * i);
    return out;
  }
  ByteView piece(std::uint64_t most) {
    const std::uint64_t size = number(4);
    if (size > most) good_ = false;
    return good_ ? take(size) : ByteView();
  }
  void fail() { good_ = false; }
  bool whole() const { return good_ && rest_.empty(); }

 private:
  ByteView take(std::size_t size) {
    if (size > rest_.size()) good_ = false;
    if (!good_) return {};
    const ByteView out = rest_.first(size);
    rest_ = rest_.subspan(size);
    return out;
  }

  ByteView rest_;
  bool good_ = true;
};

std::string text(ByteView bytes) { return std::string(text_of(bytes)); }
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 32 && c < 127; });
}

}  // namespace

Bytes encode(const Request& request) {
  Writer out(request_mark);
  out.number(static_cast<std::uint8_t>(request.operation), 1);
  out.number(request.thumbnail_edge, 4);
  out.number(request.max_pixels, 8);
  out.number(request.max_output, 8);
  out.piece(view(request.content_type));
  out.piece(request.data);
  return out.take();
}

std::optional<Request> decode_request(ByteView bytes) {
  Reader in(bytes, request_mark);
  Request out;
  const std::uint64_t operation = in.number(1);
  if (operation != 1 && operation != 2) in.fail();
  out.operation = static_cast<Operation>(operation);
  out.thumbnail_edge = static_cast<std::uint32_t>(in.number(4));
  out.max_pixels = in.number(8);
  out.max_output = in.number(8);
  out.content_type = text(in.piece(max_text));
  out.data = to_bytes(in.piece(max_input));
  if (!in.whole()) return std::nullopt;
  return out;
}

Bytes encode(const Answer& answer) {
  Writer out(answer_mark);
  out.number(static_cast<std::uint8_t>(answer.status), 1);
  out.number(answer.width, 4);
  out.number(answer.height, 4);
  out.number(answer.frames, 4);
  out.number(answer.length_us, 8);
  out.piece(view(std::string_view(answer.text).substr(0, max_text)));
  out.piece(answer.thumbnail);
  out.piece(answer.waveform);
  out.piece(answer.data);
  return out.take();
}

std::optional<Answer> decode_answer(ByteView bytes, std::uint64_t max_output) {
  Reader in(bytes, answer_mark);
  Answer out;
  const std::uint64_t status = in.number(1);
  if (status > 3) in.fail();
  out.status = static_cast<Status>(status);
  out.width = static_cast<std::uint32_t>(in.number(4));
  out.height = static_cast<std::uint32_t>(in.number(4));
  out.frames = static_cast<std::uint32_t>(in.number(4));
  out.length_us = in.number(8);
  out.text = text(in.piece(max_text));
  out.thumbnail = to_bytes(in.piece(max_thumbnail));
  out.waveform = to_bytes(in.piece(max_waveform));
  out.data = to_bytes(in.piece(max_output));
  constexpr std::uint64_t year = 366ull * 24 * 3600 * 1'000'000;
  if (!in.whole() || !is_plain(out.text) || out.length_us > year) return std::nullopt;
  if (out.status != Status::done && !(out.data.empty() && out.thumbnail.empty())) return std::nullopt;
  return out;
}

}  // namespace argot::media
