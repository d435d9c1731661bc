// Any text: nodes or one sentence, never anything else.
#include "node_line.h"

#include <argot/error.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto& node : argot::static_directory::parse_node_lines(text, "input"))
      if (node.host.empty() || node.https_port == 0) __builtin_trap();
  } catch (const argot::Error& error) {
    if (error.code() != argot::Code::invalid_argument) __builtin_trap();
  }
  return 0;
}
