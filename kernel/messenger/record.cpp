#include <kernel/messenger/record.h>

namespace argot::kernel {

void RecordWriter::put(std::uint8_t tag, ByteView value) {
  bytes_.push_back(tag);
  for (int shift = 24; shift >= 0; shift -= 8) bytes_.push_back(Byte(value.size() >> shift));
  bytes_.insert(bytes_.end(), value.begin(), value.end());
}

void RecordWriter::number(std::uint8_t tag, std::int64_t value) {
  if (value == 0) return;
  Fixed<8> bytes;
  for (int i = 0; i < 8; ++i) bytes[std::size_t(i)] = Byte(std::uint64_t(value) >> (56 - 8 * i));
  put(tag, ByteView(bytes));
}

void read_record(ByteView in, const std::function<void(std::uint8_t, ByteView)>& field) {
  while (in.size() >= 5) {
    std::size_t size = 0;
    for (std::size_t i = 1; i < 5; ++i) size = size << 8 | in[i];
    if (size > in.size() - 5) return;
    field(in[0], in.subspan(5, size));
    in = in.subspan(5 + size);
  }
}

std::int64_t number_in(ByteView value) {
  if (value.size() != 8) return 0;
  std::uint64_t out = 0;
  for (Byte b : value) out = out << 8 | b;
  return std::int64_t(out);
}

}  // namespace argot::kernel
