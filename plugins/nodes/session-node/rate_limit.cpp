#include "rate_limit.h"

#include <charconv>

namespace argot::node {
namespace {

constexpr std::uint32_t bucket_size = 600;
constexpr std::size_t max_sources = 10'000;

}  // namespace

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t out = 0;
  for (int part = 0; part < 4; ++part) {
    Byte value = 0;
    const auto [end, failure] = std::from_chars(text.begin(), text.end(), value);
    if (failure != std::errc{} || end - text.begin() > 3) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    out = out << 8 | value;
    if (part == 3) break;
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
  }
  return text.empty() ? std::optional(out) : std::nullopt;
}

bool RateLimiter::limits(std::string_view source, Duration now) {
  const auto address = parse_ipv4(source);
  if (!address) return false;
  auto found = buckets_.find(*address);
  if (found == buckets_.end()) {
    if (buckets_.size() >= max_sources) drop_full(now);
    if (buckets_.size() >= max_sources) return true;
    buckets_.emplace(*address, Bucket{bucket_size - 1, now});
    return false;
  }
  Bucket& bucket = found->second;
  refill(bucket, now);
  if (bucket.tokens == 0) return true;
  --bucket.tokens;
  return false;
}

void RateLimiter::refill(Bucket& bucket, Duration now) const {
  const auto earned = (now - bucket.filled_at) / period_;
  if (earned <= 0) return;
  // The rest of a period that has begun is kept: a refused request does not move the clock.
  bucket.filled_at += earned * period_;
  bucket.tokens = static_cast<std::uint32_t>(std::min<std::int64_t>(bucket_size, bucket.tokens + earned));
}

void RateLimiter::drop_full(Duration now) {
  for (auto it = buckets_.begin(); it != buckets_.end();) {
    refill(it->second, now);
    it = it->second.tokens == bucket_size ? buckets_.erase(it) : std::next(it);
  }
}

}  // namespace argot::node
