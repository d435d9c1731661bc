#pragma once
// Asks the other members of the swarm to carry out calls too (storage_node.md section 10).
#include <boost/json/object.hpp>

#include "link.h"

namespace argot::node {

class Relay {
 public:
  Relay(Context& ctx, Links& links) : ctx_(ctx), links_(links) {}

  /// The peer's entries for the clients' replies, one for each of `bodies` (encode_storage_cc); what went wrong is in
  /// them: {"failed":true, ...}. At most 5 s, no retry.
  Task<std::vector<boost::json::object>> ask(ServiceNode peer, std::shared_ptr<const std::vector<std::string>> bodies);

 private:
  Context& ctx_;
  Links& links_;
};

/// The body of Endpoint::storage_cc, and back. Throws Refused(400).
std::string encode_storage_cc(std::string_view method, std::string_view params);
std::pair<std::string, std::string> decode_storage_cc(std::string_view body);

/// The body of Endpoint::storage_batch: a list of such bodies, and back. Throws Refused(400).
std::string encode_storage_batch(const std::vector<std::string>& bodies);
std::vector<std::string> decode_storage_batch(std::string_view batch);

/// The answer to a batch: a list of statuses and texts, by turns; and back. Nothing unless there are `count`.
std::string encode_answers(const std::vector<LinkAnswer>& answers);
std::optional<std::vector<LinkAnswer>> decode_answers(std::string_view text, std::size_t count);

}  // namespace argot::node
