// What the guard's answer means when it is not a reply from the destination (client/onion.md section 8).
#pragma once
#include "path_book.h"

namespace argot::swarm {

struct PathAnswer {
  enum Who {
    path,         ///< somebody on the way failed: `fault` says who, another path may work
    destination,  ///< the node that was asked is unknown, cannot be reached, or is not ready
    server        ///< the server behind the last hop cannot be reached; the path is sound
  } who = path;
  Fault fault;
};

/// `status`: not 200. `destination`: null when the request is for a server. A node is believed only about the one that
/// follows it in the path.
PathAnswer judge(unsigned status, std::string_view body, const Path& path, const Fixed<32>* destination);

}  // namespace argot::swarm
