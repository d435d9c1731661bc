// Any bytes are a Content or an Error(corrupt); what was read can be written again with the same meaning.
#include <argot/content.h>
#include <argot/error.h>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  try {
    const Content content = decode_content({data, size});
    if (std::holds_alternative<Unsupported>(content.body)) return 0;
    Bytes again;
    try {
      again = encode(content);
    } catch (const Error& error) {  // longer than what is sent
      if (error.code() != Code::invalid_argument) std::abort();
      return 0;
    }
    const Content second = decode_content(again);
    if (second.body.index() != content.body.index() || second.sent_at_ms != content.sent_at_ms) std::abort();
  } catch (const Error& error) {
    if (error.code() != Code::corrupt) std::abort();
  }
  return 0;
}
