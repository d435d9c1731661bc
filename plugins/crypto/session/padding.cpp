#include "padding.h"

namespace argot::session {

std::size_t unpadded_size(ByteView padded) {
  std::size_t size = padded.size();
  while (size > 0 && padded[size - 1] == 0) --size;
  return size > 0 && padded[size - 1] == 0x80 ? size - 1 : size;
}

}  // namespace argot::session
