// Any text is a cursor; what it is written as again stays within bounds and means the same.
#include "cursor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using argot::swarm::Cursor;
  const Cursor cursor = Cursor::parse({reinterpret_cast<const char*>(data), size});
  const std::string text = cursor.text();
  if (text.size() > 16 * 1024 || Cursor::parse(text).text() != text) __builtin_trap();
  return 0;
}
