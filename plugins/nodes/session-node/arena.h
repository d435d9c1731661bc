#pragma once
// Memory of a JSON value that lives for one function: from the stack while it is small, let go at once.
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/storage_ptr.hpp>

#include <array>

namespace argot::node {

/// Declare it before the value that lies in it.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  operator boost::json::storage_ptr() { return &resource_; }

 private:
  std::array<unsigned char, 4096> first_;
  boost::json::monotonic_resource resource_{first_.data(), first_.size()};
};

}  // namespace argot::node
