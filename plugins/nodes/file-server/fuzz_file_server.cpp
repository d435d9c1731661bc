// Any bytes as what a file server's onion layer holds, and as the endpoint and headers of a request.
#include "routes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  try {
    const auto request = onion::decode_server_request({data, size});
    (void)files::FileStore::is_id(request.endpoint);
    // What was read can be written and read again.
    const std::string again = onion::encode(request);
    const auto same = onion::decode_server_request(view(again));
    if (same.endpoint != request.endpoint || same.method != request.method || same.body != request.body)
      __builtin_trap();
  } catch (const Error&) {
  }
  return 0;
}
