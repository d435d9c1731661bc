#include <argot/swarms.h>

#include <algorithm>

namespace argot::swarms {

std::uint64_t position(const AccountId& account) {
  std::uint64_t out = 0;
  for (std::size_t word = 0; word < 32; word += 8) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | account.key()[word + i];
    out ^= value;
  }
  return out;
}

std::optional<std::uint64_t> nearest(std::span<const std::uint64_t> ids, std::uint64_t position) {
  if (ids.empty()) return std::nullopt;
  auto at = std::lower_bound(ids.begin(), ids.end(), position);
  const std::uint64_t right = at == ids.end() ? ids.front() : *at;
  const std::uint64_t left = at == ids.begin() ? ids.back() : *(at - 1);
  // Distances are modulo 2^64, as unsigned numbers are.
  return right - position < position - left ? right : left;
}

}  // namespace argot::swarms
