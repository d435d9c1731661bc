#pragma once
// Reads protobuf without copying: field by field, as views into the bytes.
#include <argot/bytes.h>

namespace argot::session {

class WireReader {
 public:
  enum class Type : Byte { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
  struct Field {
    std::uint32_t number = 0;
    Type type = Type::varint;
    std::uint64_t value = 0;  ///< of varint and fixed
    ByteView bytes;           ///< of bytes

    bool is(std::uint32_t n, Type t) const { return number == n && type == t; }
  };

  /// `name`: what these bytes are, for errors; a literal.
  WireReader(ByteView bytes, const char* name) : rest_(bytes), size_(bytes.size()), name_(name) {}
  /// False at the end. Throws Error(corrupt) on what is no protobuf, and on groups, which nobody writes any more.
  bool next(Field& field);

 private:
  std::uint64_t varint();
  std::uint64_t fixed(std::size_t size);
  [[noreturn]] void malformed() const;

  ByteView rest_;
  std::size_t size_;
  const char* name_;
};

}  // namespace argot::session
