// Any bytes as a client's request and as a call another node passes on: a call or a refusal, never anything else.
#include <cstdlib>
#include <string_view>

#include "checks.h"
#include "forward.h"
#include "rpc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot::node;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  KnownKeys known;
  try {
    const Call call = parse_request(bytes);
    check(call, 1'750'000'000'000, Origin::client, known);
  } catch (const Refused&) {
  }
  for (const char* method : {"store", "expire", "revoke_subaccount", "delete_all"}) try {
      const std::string once = forwarded_params(parse_forwarded(method, bytes));
      if (forwarded_params(parse_forwarded(method, once)) != once) std::abort();
    } catch (const Refused&) {
    }
  (void)decode_entry(bytes);
  return 0;
}
