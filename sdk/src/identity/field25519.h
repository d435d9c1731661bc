#pragma once
// Arithmetic modulo 2^255-19, for the one conversion that libsodium does not offer. Works on public values only.
#include <argot/bytes.h>

namespace argot {

class Field25519 {
 public:
  explicit Field25519(std::uint64_t small) : limbs_{small, 0, 0, 0, 0} {}
  /// 32 bytes, little endian; bit 255 is ignored.
  static Field25519 read(std::span<const Byte, 32> bytes);
  /// The canonical form: below 2^255-19.
  Fixed<32> write() const;

  friend Field25519 operator+(const Field25519& a, const Field25519& b);
  friend Field25519 operator-(const Field25519& a, const Field25519& b);
  friend Field25519 operator*(const Field25519& a, const Field25519& b);
  /// 1/x; 0 for 0.
  Field25519 inverse() const;

 private:
  Field25519() = default;
  void carry();
  std::uint64_t limbs_[5];  ///< 51 bits each
};

}  // namespace argot
