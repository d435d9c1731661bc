#include "key_cache.h"

#include <cstring>

namespace argot::session {

std::size_t KeyCache::Hash::operator()(const Fixed<32>& key) const {
  std::size_t hash;
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash;
}

std::optional<Fixed<32>> KeyCache::x25519(const Fixed<32>& ed25519) {
  if (const auto found = by_key_.find(ed25519); found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front().x25519;
  }
  const auto converted = keys::x25519_from_ed25519(ed25519);
  if (!converted || capacity_ == 0) return converted;
  if (entries_.size() == capacity_) {
    by_key_.erase(entries_.back().ed25519);
    entries_.pop_back();
  }
  entries_.push_front({ed25519, *converted});
  by_key_.emplace(ed25519, entries_.begin());
  return converted;
}

}  // namespace argot::session
