#pragma once
// How many requests one IPv4 source may make (storage_node.md section 13).
#include <argot/bytes.h>
#include <argot/task.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace argot::node {

/// The 32 bits of a dotted IPv4 address; nothing for any other text.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);

/// Token buckets of 600, one token back per `period`; at most 10,000 sources.
class RateLimiter {
 public:
  static constexpr Duration client_period{3333}, node_period{1666};
  explicit RateLimiter(Duration period = client_period) : period_(period) {}

  /// Counts one request; true when it must be refused. Sources that are not IPv4 are never limited.
  bool limits(std::string_view source, Duration now);
  /// Forgets sources whose bucket is full again.
  void drop_full(Duration now);
  std::size_t tracked() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::uint32_t tokens;
    Duration filled_at;
  };
  void refill(Bucket& bucket, Duration now) const;

  Duration period_;
  std::map<std::uint32_t, Bucket> buckets_;
};

}  // namespace argot::node
