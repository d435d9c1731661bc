#include "wire_reader.h"

#include <argot/error.h>

namespace argot::session {

void WireReader::malformed() const {
  throw Error(Code::corrupt, std::string("The ") + name_ + " is damaged near byte " +
                                 std::to_string(size_ - rest_.size()) + " of " + std::to_string(size_) + ".");
}

std::uint64_t WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const Byte byte = rest_[0];
    if (shift == 63 && byte > 1) break;  // more than 64 bits
    rest_ = rest_.subspan(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  malformed();
}

std::uint64_t WireReader::fixed(std::size_t size) {
  if (rest_.size() < size) malformed();
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | rest_[i];
  rest_ = rest_.subspan(size);
  return value;
}

bool WireReader::next(Field& field) {
  if (rest_.empty()) return false;
  const std::uint64_t tag = varint();
  if (tag >> 3 == 0 || tag > 0xffffffff) malformed();
  field = Field{static_cast<std::uint32_t>(tag >> 3), static_cast<Type>(tag & 7), 0, {}};
  switch (field.type) {
    case Type::varint: field.value = varint(); return true;
    case Type::fixed64: field.value = fixed(8); return true;
    case Type::fixed32: field.value = fixed(4); return true;
    case Type::bytes: {
      const std::uint64_t length = varint();
      if (length > rest_.size()) malformed();
      field.bytes = rest_.first(static_cast<std::size_t>(length));
      rest_ = rest_.subspan(static_cast<std::size_t>(length));
      return true;
    }
  }
  malformed();
}

}  // namespace argot::session
