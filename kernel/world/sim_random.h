#pragma once
// Repeatable randomness. Every use has a generator of its own, keyed by (seed, host, purpose), so that a host or a
// purpose that is added shifts nobody else's numbers.
#include <argot/bytes.h>

namespace argot::kernel {

/// ChaCha20 keyed with BLAKE2b: as good as real randomness for every cipher, and the same each time.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view host, std::string_view purpose);
  void fill(std::span<Byte> out);
  std::uint64_t number();

 private:
  void refill();
  Fixed<32> key_;
  std::uint64_t block_ = 0;
  std::size_t used_;
  Fixed<128> buffer_;
};

/// For what is no secret (delays, losses, rare paths, order): SipHash over a counter, 24 bytes of state.
class SmallRandom {
 public:
  SmallRandom(std::uint64_t seed, std::string_view host, std::string_view purpose);
  std::uint64_t number();
  /// In [0, 1).
  double fraction() { return static_cast<double>(number() >> 11) * 0x1p-53; }
  /// In [0, bound); bound > 0. The bias of at most bound / 2^64 does not matter here.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(number()) * bound) >> 64);
  }

 private:
  Fixed<16> key_;
  std::uint64_t count_ = 0;
};

}  // namespace argot::kernel
