// Any bytes as a recording, in this process.
#include "voice_decoder.h"

#include <new>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot::media;
  if (size == 0 || size > 20'000) return 0;
  Request request;
  request.operation = data[0] & 1 ? Operation::prepare : Operation::describe;
  request.data.assign(data + 1, data + size);
  try {
    const Answer made = decode_voice(std::move(request));
    if (made.waveform.size() != waveform_parts) __builtin_trap();
  } catch (const Refusal&) {
  } catch (const std::bad_alloc&) {
  }
  return 0;
}
