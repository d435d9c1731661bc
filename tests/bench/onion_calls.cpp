#include "onion_calls.h"

#include <sodium.h>

#include <cstring>

namespace argot::bench {
namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;

void check(bool good) {
  if (!good) throw Error(Code::internal, "A step of the onion benchmark failed.");
}

/// Gives the same numbers each time, so that the reply made once fits every request.
onion::Random fixed() {
  return [n = 0u](std::span<Byte> out) mutable {
    for (Byte& b : out) b = static_cast<Byte>(++n * 37);
  };
}

}  // namespace

OnionCalls::OnionCalls() {
  for (std::size_t i = 0; i < 4; ++i) {
    std::memset(nodes_[i].secret, static_cast<int>(i + 1), 32);
    crypto_scalarmult_curve25519_base(nodes_[i].x25519, nodes_[i].secret);
    onion::Hop hop;
    hop.ed25519.fill(static_cast<Byte>(i));
    std::memcpy(hop.x25519.data(), nodes_[i].x25519, 32);
    if (i < 3)
      path_.push_back(hop);
    else
      destination_ = hop;
  }
  rpc_ = R"({"method":"retrieve","params":{"pubkey":")" + std::string(66, '0') + R"(","signature":")" +
         std::string(88, 'A') + R"(","timestamp":1767225600000}})";
  onion::WrapOptions options;
  options.raw_reply = true;
  const onion::Wrapped wrapped = onion::wrap(path_, destination_, rpc_, options, fixed());
  onion::ForMe how;
  how.base64 = false;
  reply_ = onion::encode_node_reply(wrapped.channels[0], how, 200, R"({"messages":[],"more":false,"t":1767225600000})",
                                    true);
  // Peeled once, to know how many bytes each layer has.
  const Bytes body = to_bytes(view(wrapped.body));
  onion::Layer layer = onion::parse_request(body);
  std::vector<Bytes> plains;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto channel = onion::Channel::of_node(layer.cipher, ByteView(nodes_[i].secret, 32),
                                                 ByteView(nodes_[i].x25519, 32), layer.ephemeral_key);
    plains.push_back(channel->open(layer.ciphertext).value());
    sizes_.insert(sizes_.begin(), plains.back().size());
    if (i == 3) break;
    const auto step = onion::parse_step(plains.back());
    const auto& next = std::get<onion::ForNode>(*step);
    layer = {next.ciphertext, next.ephemeral_key, next.cipher, 0};
  }
  room_.resize(wrapped.body.size() + 4096, 'x');
}

void OnionCalls::ours(int count) {
  onion::WrapOptions options;
  options.raw_reply = true;
  for (int i = 0; i < count; ++i) {
    const onion::Random random = fixed();
    const onion::Wrapped wrapped = onion::wrap(path_, destination_, rpc_, options, random);
    check(onion::open_node_reply(wrapped, reply_).status == 200);
  }
}

void OnionCalls::bare(int count) {
  for (int n = 0; n < count; ++n) {
    const onion::Random random = fixed();
    unsigned char last_key[32];
    for (std::size_t i = 0; i < 4; ++i) {
      unsigned char secret[32], ephemeral[32], shared[32], key[32], nonce[nonce_size];
      const unsigned char* node = nodes_[3 - i].x25519;
      random(std::span<Byte>(secret, 32));
      check(crypto_scalarmult_curve25519_base(ephemeral, secret) == 0);
      check(crypto_scalarmult_curve25519(shared, secret, node) == 0);
      crypto_generichash_blake2b_state state;
      crypto_generichash_blake2b_init(&state, nullptr, 0, 32);
      crypto_generichash_blake2b_update(&state, shared, 32);
      crypto_generichash_blake2b_update(&state, ephemeral, 32);
      crypto_generichash_blake2b_update(&state, node, 32);
      crypto_generichash_blake2b_final(&state, key, 32);
      random(std::span<Byte>(nonce, nonce_size));
      unsigned long long size = 0;
      check(crypto_aead_xchacha20poly1305_ietf_encrypt(room_.data(), &size, room_.data(), sizes_[i], nullptr, 0,
                                                       nullptr, nonce, key) == 0);
      if (i == 0) std::memcpy(last_key, key, 32);
    }
    const ByteView reply = view(reply_);
    unsigned char plain[4096];
    check(reply.size() < sizeof plain);
    check(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, nullptr, nullptr, reply.data() + nonce_size,
                                                     reply.size() - nonce_size, nullptr, 0, reply.data(),
                                                     last_key) == 0);
  }
}

}  // namespace argot::bench
