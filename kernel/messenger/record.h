#pragma once
// Small values of the messenger's own in the store: a list of tagged fields, so that later versions may add some and
// earlier ones pass over them. A field: tag (1 byte), length (4 bytes, big endian), bytes.
#include <argot/bytes.h>

#include <functional>
#include <string_view>

namespace argot::kernel {

class RecordWriter {
 public:
  void put(std::uint8_t tag, ByteView value);
  void put(std::uint8_t tag, std::string_view text) { put(tag, view(text)); }
  /// Left out when zero.
  void number(std::uint8_t tag, std::int64_t value);
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Each field in order; damage ends the list early.
void read_record(ByteView bytes, const std::function<void(std::uint8_t tag, ByteView value)>& field);
/// What number() wrote; 0 when it is no number.
std::int64_t number_in(ByteView value);

}  // namespace argot::kernel
