#pragma once
// Bytes to words and back without checksum: the arithmetic of client/account.md sections 1.2 to 1.4.
#include <argot/bytes.h>

#include <array>
#include <span>

namespace argot::phrase {

/// Indices of the three words that stand for four bytes.
std::array<std::size_t, 3> indices_of(std::span<const Byte, 4> group);
/// The four bytes of three words; nothing when they are more than 32 bits or no words of one number.
std::optional<std::array<Byte, 4>> bytes_of(std::span<const std::size_t, 3> indices);
/// Which data word the checksum repeats: CRC-32 of the three-letter prefixes, modulo their number.
std::size_t checksum_index(std::span<const std::size_t> data_words);

}  // namespace argot::phrase
