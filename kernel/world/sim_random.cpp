#include <kernel/world/sim_random.h>

#include <sodium.h>

#include <cstring>

namespace argot::kernel {

namespace {

template <std::size_t N> Fixed<N> derive(std::uint64_t seed, std::string_view host, std::string_view purpose) {
  Fixed<N> key;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, N);
  const auto number = [&](std::uint64_t n) {
    Fixed<8> text;
    for (std::size_t i = 0; i < 8; ++i) text[i] = static_cast<Byte>(n >> (8 * i));
    crypto_generichash_update(&state, text.data(), text.size());
  };
  const auto text = [&](std::string_view t) {  // its length first: ("ab", "c") is not ("a", "bc")
    number(t.size());
    crypto_generichash_update(&state, view(t).data(), t.size());
  };
  number(seed);
  text(host);
  text(purpose);
  crypto_generichash_final(&state, key.data(), N);
  return key;
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view host, std::string_view purpose)
    : key_(derive<32>(seed, host, purpose)), used_(std::tuple_size_v<decltype(buffer_)>) {}

void RandomStream::refill() {
  Fixed<8> nonce;
  for (std::size_t i = 0; i < 8; ++i) nonce[i] = static_cast<Byte>(block_ >> (8 * i));
  ++block_;
  crypto_stream_chacha20(buffer_.data(), buffer_.size(), nonce.data(), key_.data());
  used_ = 0;
}

void RandomStream::fill(std::span<Byte> out) {
  while (!out.empty()) {
    if (used_ == buffer_.size()) refill();
    const std::size_t n = std::min(out.size(), buffer_.size() - used_);
    std::memcpy(out.data(), buffer_.data() + used_, n);
    used_ += n;
    out = out.subspan(n);
  }
}

std::uint64_t RandomStream::number() {
  Fixed<8> bytes;
  fill(bytes);
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < 8; ++i) n |= std::uint64_t(bytes[i]) << (8 * i);
  return n;
}

SmallRandom::SmallRandom(std::uint64_t seed, std::string_view host, std::string_view purpose)
    : key_(derive<16>(seed, host, purpose)) {}

std::uint64_t SmallRandom::number() {
  std::uint64_t out, in = count_++;
  crypto_shorthash(reinterpret_cast<Byte*>(&out), reinterpret_cast<const Byte*>(&in), sizeof in, key_.data());
  return out;
}

}  // namespace argot::kernel
