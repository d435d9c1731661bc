// Any bytes as a video, in this process.
#include "video_decoder.h"

#include <decoder/sniff.h>

#include <new>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot::media;
  if (size == 0 || size > 100'000) return 0;
  Request request;
  request.operation = data[0] & 1 ? Operation::prepare : Operation::describe;
  request.max_pixels = 300'000;
  request.data.assign(data + 1, data + size);
  try {
    const Answer made = decode_video(request);
    if (made.width == 0 || made.height == 0) __builtin_trap();
    if (request.operation == Operation::prepare && sniff(made.data) != made.text) __builtin_trap();
  } catch (const Refusal&) {
  } catch (const std::bad_alloc&) {
  }
  return 0;
}
