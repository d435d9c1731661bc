#pragma once
#include <argot/onion.h>

namespace argot::onion {

struct OpenReply {
  Bytes plain;
  std::size_t from = 0;  ///< index of the channel that opened it
};
/// However it is packed. Throws Error(corrupt).
OpenReply open_reply(const Wrapped& request, std::string_view http_body);

}  // namespace argot::onion
