#pragma once
// How much a node works on at once: requests and the bytes they hold. When there is no room, 503
// (storage_node.md section 2, step 6).
#include <cstddef>

#include "calls.h"

namespace argot::node {

class Admissions {
 public:
  static constexpr std::size_t max_bytes = 256 * 1024 * 1024;
  explicit Admissions(std::size_t max_requests) : max_requests_(max_requests) {}
  std::size_t requests() const { return requests_; }

 private:
  friend class Admission;
  std::size_t max_requests_, requests_ = 0, bytes_ = 0;
};

/// A place among the requests that are worked on, as long as it lives. Throws Refused(503) when there is none.
class Admission {
 public:
  Admission(Admissions& all, std::size_t bytes) : all_(all), bytes_(bytes) {
    if (all.requests_ >= all.max_requests_ || all.bytes_ + bytes > Admissions::max_bytes)
      throw Refused(503, "Server busy, try again later");
    ++all.requests_;
    all.bytes_ += bytes;
  }
  Admission(const Admission&) = delete;
  ~Admission() {
    --all_.requests_;
    all_.bytes_ -= bytes_;
  }

 private:
  Admissions& all_;
  std::size_t bytes_;
};

}  // namespace argot::node
