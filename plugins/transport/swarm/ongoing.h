// Requests under way, so that stopping can end them: one that a node holds on purpose would last for half a minute.
#pragma once
#include <argot/http.h>

#include <boost/asio/cancellation_signal.hpp>

#include <memory>
#include <set>

namespace argot::swarm {

class Ongoing {
 public:
  /// What `task` gives; Error(cancelled) when end_all() comes first, or when whoever waits is cancelled.
  Task<http::Response> run(Task<http::Response> task);
  /// Also for those that begin later.
  void end_all();

 private:
  struct Entry;
  std::set<std::shared_ptr<asio::cancellation_signal>> signals_;
  bool ended_ = false;
};

}  // namespace argot::swarm
