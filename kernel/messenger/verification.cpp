#include <kernel/messenger/verification.h>

#include <array>

namespace argot::kernel {
namespace {

// Never to be changed: two people may have different versions.
constexpr std::array<const char*, 64> table = {
    "🐶", "🐱", "🐭", "🐰", "🦊", "🐻", "🐼", "🐯",    "🦁", "🐮", "🐷", "🐸",    "🐵", "🐔", "🐧", "🐢",
    "🐍", "🐙", "🐬", "🐳", "🦋", "🐝", "🐞", "🦀", "🌵",    "🌲", "🌻", "🌹",    "🍄", "🍀", "🌍", "🌙",
    "🔥", "🌈", "🍎", "🍌", "🍇",    "🍓", "🍒", "🍍",    "🥕", "🌽", "🍞", "🧀", "🍕", "🍩", "🎂", "☕",
    "⚽", "🏀", "🎸", "🎺", "🎲",    "🚗", "🚲", "🚂",    "🚀",    "⛵", "⚓", "🏠",    "⏰", "🔑", "📚", "🎈"};

}  // namespace

std::string verification_of(const AccountId& one, const AccountId& other) {
  const std::string a = one.text(), b = other.text();
  const std::string both = a < b ? a + b : b + a;
  const Bytes hash = keys::blake2b(32, view(both), {}, "ArgotVerifyEmoji");
  std::string out;
  for (std::size_t i = 0; i < 12; ++i) {
    const std::size_t bit = i * 6;
    const unsigned word = unsigned(hash[bit / 8]) << 8 | hash[bit / 8 + 1];
    if (i) out += ' ';
    out += table[word >> (10 - bit % 8) & 63];
  }
  return out;
}

}  // namespace argot::kernel
