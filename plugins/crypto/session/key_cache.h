#pragma once
// Ed25519 to X25519: the conversion of a sender's key costs as much as a signature, and people write more than once.
#include <argot/identity.h>

#include <list>
#include <unordered_map>

namespace argot::session {

/// Remembers the last `capacity` conversions. Give it only keys that have signed something: a stranger must not be
/// able to push out friends for free.
class KeyCache {
 public:
  explicit KeyCache(std::size_t capacity) : capacity_(capacity) {}
  /// The X25519 form, or nothing when the key is no valid point.
  std::optional<Fixed<32>> x25519(const Fixed<32>& ed25519);
  std::size_t size() const { return entries_.size(); }
  bool knows(const Fixed<32>& ed25519) const { return by_key_.contains(ed25519); }

 private:
  struct Entry {
    Fixed<32> ed25519, x25519;
  };
  struct Hash {
    std::size_t operator()(const Fixed<32>& key) const;
  };
  std::size_t capacity_;
  std::list<Entry> entries_;  ///< the most recent first
  std::unordered_map<Fixed<32>, std::list<Entry>::iterator, Hash> by_key_;
};

}  // namespace argot::session
