// Any bytes are a wrapped envelope or an Error(corrupt), and its parts lie inside the bytes.
#include <argot/error.h>

#include <cstdlib>

#include "padding.h"
#include "wrapping.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  const ByteView message(data, size);
  if (session::unpadded_size(message) > size) std::abort();
  try {
    const auto parts = session::unwrap(message);
    for (const ByteView part : {parts.envelope, parts.box, parts.pro_sig})
      if (!part.empty() && (part.data() < data || part.data() + part.size() > data + size)) std::abort();
  } catch (const Error& error) {
    if (error.code() != Code::corrupt) std::abort();
  }
  return 0;
}
