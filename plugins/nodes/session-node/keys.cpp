#include "keys.h"

#include <argot/identity.h>
#include <sodium.h>

#include "files.h"

namespace argot::node {

NodeKeys::NodeKeys(ByteView seed32) : secret_(crypto_sign_SECRETKEYBYTES), agreement_(crypto_scalarmult_SCALARBYTES) {
  if (seed32.size() != 32)
    throw Error(Code::invalid_argument, "A node's seed has 32 bytes, not " + std::to_string(seed32.size()) + ".");
  crypto_sign_seed_keypair(ed25519_.data(), secret_.data(), seed32.data());
  x25519_ = *keys::x25519_from_ed25519(ed25519_);
  if (crypto_sign_ed25519_sk_to_curve25519(agreement_.data(), secret_.data()) != 0)
    throw Error(Code::internal, "A node's key has no X25519 form.");
}

Fixed<64> NodeKeys::sign(std::string_view message) const {
  Fixed<64> out;
  crypto_sign_detached(out.data(), nullptr, view(message).data(), message.size(), secret_.data());
  return out;
}

NodeKeys load_keys(Context& ctx, const std::string& seed_hex) {
  const auto read = [](std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return fixed_from_hex<32>(text);
  };
  if (!seed_hex.empty()) {
    auto seed = read(seed_hex);
    if (!seed)
      throw Error(Code::invalid_argument, "The option key_seed is not 64 hex digits.",
                  "Give 32 bytes in hex, or leave it out: the node then makes its own key.");
    NodeKeys keys(*seed);
    wipe(*seed);
    return keys;
  }
  const auto path = ctx.data_dir() / "node.key";
  auto text = read_file(path);
  if (!text) {
    Secret seed(32);
    ctx.random(seed.span());
    text = to_hex(seed.view()) + "\n";
    replace_file(path, *text, Access::owner_only);
  }
  auto seed = read(*text);
  wipe({reinterpret_cast<Byte*>(text->data()), text->size()});
  if (!seed)
    throw Error(Code::corrupt, "The node's key file " + path.string() + " is damaged.",
                "Restore it from a copy. Without it the node is a new one: remove the file then.");
  NodeKeys keys(*seed);
  wipe(*seed);
  return keys;
}

std::string snode_address(ByteView key) {
  constexpr char alphabet[] = "ybndrfg8ejkmcpqxot1uwisza345h769";
  std::string out;
  unsigned bits = 0, held = 0;
  for (Byte byte : key) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += alphabet[held >> (bits - 5) & 31];
  }
  if (bits) out += alphabet[held << (5 - bits) & 31];
  return out + ".snode";
}

}  // namespace argot::node
