// What was received last from each node of a mailbox's swarm (client/snode_api.md section 7). Each node has its own
// order, so each has its own place. As text it is the opaque cursor of Transport: JSON, at most 16 KiB.
#pragma once
#include <argot/bytes.h>

#include <map>
#include <string>
#include <string_view>

namespace argot::swarm {

class Cursor {
 public:
  /// Any text: what is not a cursor (another transport's, a damaged one) is an empty one. That costs a repeated
  /// delivery, which everybody knows how to drop, and never a message.
  static Cursor parse(std::string_view text);
  std::string text() const;

  /// Empty when nothing is known, or it has expired.
  std::string last_hash(const Fixed<32>& node, std::int64_t now_ms) const;
  void set(const Fixed<32>& node, std::string hash, std::int64_t expiry_ms, std::int64_t now_ms);
  std::size_t size() const { return places_.size(); }

  static constexpr std::size_t max_places = 64;

 private:
  struct Place {
    std::string hash;
    std::int64_t expiry_ms = 0;
  };
  std::map<Fixed<32>, Place> places_;  // by node
};

/// 43 characters of base64, as every message hash is.
bool is_message_hash(std::string_view text);

}  // namespace argot::swarm
