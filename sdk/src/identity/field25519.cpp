#include "field25519.h"

namespace argot {
namespace {

constexpr std::uint64_t mask = (std::uint64_t{1} << 51) - 1;
__extension__ using Wide = unsigned __int128;

std::uint64_t load64(const Byte* from) {
  std::uint64_t x = 0;
  for (int i = 7; i >= 0; --i) x = x << 8 | from[i];
  return x;
}

}  // namespace

Field25519 Field25519::read(std::span<const Byte, 32> bytes) {
  Field25519 out;
  const Byte* b = bytes.data();
  out.limbs_[0] = load64(b) & mask;
  out.limbs_[1] = load64(b + 6) >> 3 & mask;
  out.limbs_[2] = load64(b + 12) >> 6 & mask;
  out.limbs_[3] = load64(b + 19) >> 1 & mask;
  out.limbs_[4] = load64(b + 24) >> 12 & mask;
  return out;
}

/// Brings every limb to 51 bits and a little.
void Field25519::carry() {
  for (int i = 0; i < 4; ++i) {
    limbs_[i + 1] += limbs_[i] >> 51;
    limbs_[i] &= mask;
  }
  limbs_[0] += 19 * (limbs_[4] >> 51);
  limbs_[4] &= mask;
}

Fixed<32> Field25519::write() const {
  Field25519 x = *this;
  x.carry();
  x.carry();
  x.carry();
  // Now below 2^255: subtract the modulus once if x + 19 reaches 2^255.
  std::uint64_t over = (x.limbs_[0] + 19) >> 51;
  for (int i = 1; i < 5; ++i) over = (x.limbs_[i] + over) >> 51;
  x.limbs_[0] += 19 * over;
  for (int i = 0; i < 4; ++i) {
    x.limbs_[i + 1] += x.limbs_[i] >> 51;
    x.limbs_[i] &= mask;
  }
  x.limbs_[4] &= mask;

  Fixed<32> out;
  for (std::size_t bit = 0; bit < 256; bit += 8) {
    const std::size_t limb = bit / 51, shift = bit % 51;
    std::uint64_t value = limb < 5 ? x.limbs_[limb] >> shift : 0;
    if (shift > 43 && limb < 4) value |= x.limbs_[limb + 1] << (51 - shift);
    out[bit / 8] = static_cast<Byte>(value);
  }
  return out;
}

Field25519 operator+(const Field25519& a, const Field25519& b) {
  Field25519 out;
  for (int i = 0; i < 5; ++i) out.limbs_[i] = a.limbs_[i] + b.limbs_[i];
  out.carry();
  return out;
}

Field25519 operator-(const Field25519& a, const Field25519& b) {
  // Four times the modulus first, so that no limb becomes negative.
  Field25519 out;
  for (int i = 0; i < 5; ++i) out.limbs_[i] = a.limbs_[i] + 4 * (i == 0 ? mask - 18 : mask) - b.limbs_[i];
  out.carry();
  return out;
}

Field25519 operator*(const Field25519& a, const Field25519& b) {
  Wide sums[5] = {};
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 5; ++j) {
      const Wide product = Wide{a.limbs_[i]} * b.limbs_[j];
      sums[(i + j) % 5] += i + j < 5 ? product : 19 * product;
    }
  Field25519 out;
  Wide carry = 0;
  for (int i = 0; i < 5; ++i) {
    sums[i] += carry;
    out.limbs_[i] = static_cast<std::uint64_t>(sums[i]) & mask;
    carry = sums[i] >> 51;
  }
  out.limbs_[0] += 19 * static_cast<std::uint64_t>(carry);
  out.carry();
  return out;
}

Field25519 Field25519::inverse() const {
  // x^(p-2): the exponent's bits are all one except bits 2 and 4.
  Field25519 out(1);
  for (int bit = 254; bit >= 0; --bit) {
    out = out * out;
    if (bit != 2 && bit != 4) out = out * *this;
  }
  return out;
}

}  // namespace argot
