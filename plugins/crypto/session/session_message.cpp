#include "session_message.h"

#include <argot/error.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "padding.h"
#include "sealed.h"
#include "wrapping.h"

namespace argot::session {
namespace {

constexpr std::size_t box_size(std::size_t content) { return box_overhead + padded_size(content) + proof_size; }

}  // namespace

Randomness randomness_from(ByteView random) {
  Randomness out;
  std::ranges::copy(random.first(32), out.ephemeral.data());
  Secret scalar(32);
  crypto_core_ed25519_scalar_reduce(scalar.data(), random.data() + 32);
  // Fails for the scalar 0 alone, which will not be drawn; the decoy would be the neutral point.
  (void)crypto_scalarmult_ed25519_base_noclamp(out.pro_sig.data(), scalar.data());
  crypto_core_ed25519_scalar_reduce(out.pro_sig.data() + 32, random.data() + 96);
  return out;
}

std::size_t max_content() {
  constexpr std::uint64_t any_time = ~std::uint64_t{0};
  std::size_t padded = max_wrapped / padding_block * padding_block;
  while (wrapped_size(box_overhead + padded + proof_size, any_time) > max_wrapped) padded -= padding_block;
  return padded - 2;  // one more and padding adds a block
}

Bytes seal_message(const Identity& sender, ByteView peer_x25519, ByteView content, std::uint64_t sent_at_ms,
                   const Randomness& randomness) {
  if (content.size() > max_content())
    throw Error(Code::invalid_argument,
                "The message takes " + std::to_string(content.size()) + " bytes, but at most " +
                    std::to_string(max_content()) + " fit into one envelope.",
                "Split it into several messages.");
  const std::size_t box = box_size(content.size());
  Wrapper wrapper = wrap(box, sent_at_ms, randomness.pro_sig);
  const std::span<Byte> place(wrapper.bytes.data() + wrapper.box_at, box);
  if (!content.empty()) std::memcpy(place.data() + box_overhead, content.data(), content.size());
  place[box_overhead + content.size()] = 0x80;  // the zeros behind it are there already
  seal_in_place(place, sender, peer_x25519, randomness.ephemeral.view());
  return std::move(wrapper.bytes);
}

Opened open_message(const Identity& recipient, ByteView message, KeyCache& cache) {
  const Unwrapped unwrapped = unwrap(message);
  Unsealed unsealed = unseal(recipient, unwrapped.box);
  const auto sender = unsealed.sender_ed25519 == recipient.ed25519_public()
                          ? std::optional(recipient.x25519_public())  // a message to oneself
                          : cache.x25519(unsealed.sender_ed25519);
  if (!sender) throw Error(Code::unauthenticated, "A received envelope is signed by a key that is no account's.");
  Opened out;
  out.sender = AccountId(AccountId::person, *sender);
  out.sent_at_ms = unwrapped.timestamp_ms;
  unsealed.padded.resize(unpadded_size(unsealed.padded));
  out.content = std::move(unsealed.padded);
  return out;
}

}  // namespace argot::session
