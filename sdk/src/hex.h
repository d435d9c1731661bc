#pragma once
// Hex digits into bytes that are there already: account IDs are read on every message's way.
#include <argot/bytes.h>

#include <array>

namespace argot {

/// The value of every character as a hex digit of either case; negative for those that are none.
inline constexpr auto hex_values = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i) values[static_cast<unsigned char>('0' + i)] = static_cast<signed char>(i);
  for (int i = 0; i < 6; ++i)
    values[static_cast<unsigned char>('a' + i)] = values[static_cast<unsigned char>('A' + i)] =
        static_cast<signed char>(10 + i);
  return values;
}();

/// Reads 2 * `out.size()` digits. False when one of them is none; `out` is then undefined.
inline bool hex_into(std::string_view digits, std::span<Byte> out) {
  int all = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_values[static_cast<unsigned char>(digits[2 * i])];
    const int low = hex_values[static_cast<unsigned char>(digits[2 * i + 1])];
    all |= high | low;
    out[i] = static_cast<Byte>(high * 16 + low);
  }
  return all >= 0;
}

}  // namespace argot
