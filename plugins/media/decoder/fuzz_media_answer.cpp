// Any bytes as what a decoder answers: within the bounds, or nothing.
#include "frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot::media;
  constexpr std::uint64_t most = 1000;
  const argot::ByteView bytes(data, size);
  if (const auto answer = decode_answer(bytes, most)) {
    if (answer->data.size() > most || answer->thumbnail.size() > max_thumbnail) __builtin_trap();
    if (encode(*answer) != argot::to_bytes(bytes)) __builtin_trap();
  }
  if (const auto request = decode_request(bytes); request && encode(*request) != argot::to_bytes(bytes))
    __builtin_trap();
  return 0;
}
