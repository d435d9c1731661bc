#pragma once
// A client of a service node that hides nothing: what it was asked, and what came back.
#include <boost/json/value.hpp>

#include <string>

namespace argot::e2e {

struct NodeAnswer {
  unsigned status = 0;  ///< 0: none came
  std::string body;
};

/// POST /storage_rpc/v1 over a TLS connection of its own. `address`: "127.0.0.1:40123".
NodeAnswer ask_node(const std::string& address, const std::string& method, const boost::json::object& params);

/// Unix time in milliseconds, of the test's own clock.
std::int64_t now_ms();

}  // namespace argot::e2e
