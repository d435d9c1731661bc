#include "phrase_words.h"

#include <boost/crc.hpp>

#include "words.h"

namespace argot::phrase {

std::array<std::size_t, 3> indices_of(std::span<const Byte, 4> group) {
  constexpr std::uint32_t n = word_count;
  const std::uint32_t x = group[0] | group[1] << 8 | group[2] << 16 | std::uint32_t{group[3]} << 24;
  const std::uint32_t first = x % n, second = (x / n + first) % n, third = (x / n / n + second) % n;
  return {first, second, third};
}

std::optional<std::array<Byte, 4>> bytes_of(std::span<const std::size_t, 3> indices) {
  constexpr std::uint64_t n = word_count;
  const std::uint64_t first = indices[0], second = indices[1], third = indices[2];
  const std::uint64_t x = first + n * ((n - first + second) % n) + n * n * ((n - second + third) % n);
  if (x > 0xffffffff || x % n != first) return std::nullopt;
  return std::array<Byte, 4>{static_cast<Byte>(x), static_cast<Byte>(x >> 8), static_cast<Byte>(x >> 16),
                             static_cast<Byte>(x >> 24)};
}

std::size_t checksum_index(std::span<const std::size_t> data_words) {
  boost::crc_32_type crc;
  for (std::size_t index : data_words) crc.process_bytes(word_at(index).data(), prefix_length);
  return crc.checksum() % data_words.size();
}

}  // namespace argot::phrase
