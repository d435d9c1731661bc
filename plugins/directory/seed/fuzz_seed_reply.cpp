// Whatever a seed answers or a file holds: a list of usable nodes or Error(corrupt). The first byte says which.
#include "seed_reply.h"

#include <argot/error.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  using namespace argot::seed_directory;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    const NodeList list = data[0] == 'f' ? from_file(text).list : parse_reply(text);
    if (list.nodes.empty()) __builtin_trap();
    for (const ServiceNode& node : list.nodes)
      if (node.host.empty() || !node.https_port) __builtin_trap();
    if (from_file(to_file(list, 1)).list.nodes != list.nodes) __builtin_trap();
  } catch (const Error& error) {
    if (error.code() != Code::corrupt) __builtin_trap();
  }
  return 0;
}
