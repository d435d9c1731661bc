// Cases of one channel: keys, both directions, forgeries.
#include "onion_cases.h"

#include <argot/onion.h>

#include <sodium.h>

namespace argot::onion::cases {
namespace {

using namespace vectors;

/// The first of `keys` that the case has.
std::optional<Bytes> any_hex(const Object& inputs, std::initializer_list<std::string_view> keys) {
  for (std::string_view key : keys)
    if (has(inputs, key)) return hex(inputs, key);
  return std::nullopt;
}

Channel must(std::optional<Channel> channel) {
  if (!channel) throw Error(Code::invalid_argument, "A key of the case is a low-order point.");
  return std::move(*channel);
}

struct Ends {
  std::optional<Bytes> client_secret, client_public, node_secret, node_public;

  explicit Ends(const Object& inputs)
      : client_secret(any_hex(inputs, {"client_ephemeral_secret", "client_secret", "our_secret"})),
        client_public(any_hex(inputs, {"client_ephemeral_public", "client_public"})),
        node_secret(any_hex(inputs, {"server_secret"})),
        node_public(any_hex(inputs, {"server_public", "their_public"})) {
    if (client_secret && !client_public) client_public = to_bytes(public_of(*client_secret));
    if (node_secret && !node_public) node_public = to_bytes(public_of(*node_secret));
  }
  bool known() const { return client_public && node_public && (client_secret || node_secret); }
  Channel channel(Cipher cipher) const {
    return must(node_secret ? Channel::of_node(cipher, *node_secret, *node_public, *client_public)
                            : Channel::of_client(cipher, *client_secret, *client_public, *node_public));
  }
  /// The same from the other end, where the case has both secrets.
  std::optional<Channel> other_end(Cipher cipher) const {
    if (!node_secret || !client_secret) return std::nullopt;
    return Channel::of_client(cipher, *client_secret, *client_public, *node_public);
  }
};

std::string text_or_none(const std::optional<Bytes>& plain) {
  return plain ? std::string(text_of(*plain)) : std::string("(does not open)");
}

Outcome seal_case(const Ends& ends, const Object& inputs, const Object& expected_object) {
  const auto nonce = any_hex(inputs, {"nonce", "nonce_hex", "iv", "iv_hex"});
  Cipher cipher = Cipher::aes_cbc;
  if (has(inputs, "enc_type"))
    cipher = cipher_named(text(inputs, "enc_type")).value();
  else if (nonce->size() != 16)
    cipher = nonce->size() == 24 ? Cipher::xchacha20 : Cipher::aes_gcm;
  const Channel channel = ends.channel(cipher);
  const std::string plain = text(inputs, "plaintext_utf8");
  const Bytes sealed = channel.seal(view(plain), *nonce);
  Expectation expected(expected_object);
  expected.hex("symmetric_key", channel.key());
  expected.hex("ciphertext", sealed);
  expected.hex("ciphertext_hex", sealed);
  expected.number("length", sealed.size());
  if (text_or_none(channel.open(sealed)) != plain) return VectorResult{false, "What was sealed does not open again."};
  const auto other = ends.other_end(cipher);
  if (other && text_or_none(other->open(sealed)) != plain)
    return VectorResult{false, "What one end sealed does not open at the other."};
  if (expected.wants("decrypt_with_swapped_roles")) {
    expected.note("decrypt_with_swapped_roles");
    const auto& secret = ends.node_secret ? ends.node_secret : ends.client_secret;
    const auto& other_public = ends.node_secret ? ends.client_public : ends.node_public;
    const auto swapped = Channel::of_client(cipher, *secret, public_of(*secret), *other_public);
    if (swapped && swapped->open(sealed)) return VectorResult{false, "It opens with the roles swapped."};
  }
  return expected.result();
}

/// `names`: the ciphers to try, when the case names none.
Outcome open_case(const Ends& ends, const Object& inputs, const Object& expected_object) {
  const Bytes sealed = any_hex(inputs, {"ciphertext", "ciphertext_hex"}).value();
  std::vector<Cipher> ciphers{Cipher::aes_gcm, Cipher::xchacha20};
  if (has(inputs, "enc_type")) ciphers = {cipher_named(text(inputs, "enc_type")).value()};
  std::optional<Bytes> plain;
  std::optional<Channel> opener;
  for (Cipher cipher : ciphers) {
    const Channel channel = ends.channel(cipher);
    if (auto opened = channel.open(sealed)) plain = std::move(opened), opener = channel;
  }
  Expectation expected(expected_object);
  if (opener) expected.hex("symmetric_key", opener->key());
  expected.value("decrypts", plain.has_value());
  if (expected.wants_error()) {
    expected.note("error");
    if (plain) return VectorResult{false, "It opens, and should not."};
  }
  expected.text("plaintext_utf8", text_or_none(plain));
  return expected.result();
}

Outcome keys_case(const Object& inputs, const Object& expected_object) {
  const Bytes a_secret = hex(inputs, "a_secret"), b_secret = hex(inputs, "b_secret");
  const Bytes a_public = hex(inputs, "a_public"), b_public = hex(inputs, "b_public");
  auto a_asks_b = [&](Cipher cipher) { return must(Channel::of_client(cipher, a_secret, a_public, b_public)); };
  auto b_asks_a = [&](Cipher cipher) { return must(Channel::of_client(cipher, b_secret, b_public, a_public)); };
  Expectation expected(expected_object);
  expected.hex("x25519_shared_hex", a_asks_b(Cipher::aes_cbc).key());
  expected.hex("aes_cbc_key_hex", b_asks_a(Cipher::aes_cbc).key());
  expected.hex("aes_gcm_key_hex", a_asks_b(Cipher::aes_gcm).key());
  expected.hex("xchacha_key_alice_client_bob_server_hex", a_asks_b(Cipher::xchacha20).key());
  expected.hex("xchacha_key_bob_client_alice_server_hex", b_asks_a(Cipher::xchacha20).key());
  return expected.result();
}

Outcome payload_case(const Object& inputs, const Object& expected_object) {
  const Bytes payload = hex(inputs, "payload");
  Expectation expected(expected_object);
  std::optional<Layer> layer;
  try {
    layer = parse_request(payload);
  } catch (const Error&) {
    if (!expected.wants_error()) throw;
    expected.note("error");
    return expected.result();
  }
  const Bytes secret = hex(inputs, "server_secret");
  const Channel channel = must(Channel::of_node(layer->cipher, secret, public_of(secret), layer->ephemeral_key));
  expected.hex("ephemeral_key", layer->ephemeral_key);
  expected.text("enc_type", name_of(layer->cipher));
  expected.text("plaintext_utf8", text_or_none(channel.open(layer->ciphertext)));
  expected.number("reply_overhead_bytes", channel.seal({}).size());
  return expected.result();
}

}  // namespace

Fixed<32> public_of(ByteView secret) {
  Fixed<32> out;
  if (secret.size() != 32) throw Error(Code::invalid_argument, "A secret key of the case is not 32 bytes.");
  crypto_scalarmult_curve25519_base(out.data(), secret.data());
  return out;
}

Outcome onion_hop(const Object& inputs, const Object& expected) {
  if (has(inputs, "payload")) return payload_case(inputs, expected);
  const Ends ends(inputs);
  if (!ends.known()) return std::nullopt;
  if (has(inputs, "ciphertext")) return open_case(ends, inputs, expected);
  if (has(inputs, "plaintext_utf8") && (has(inputs, "nonce") || has(inputs, "iv")))
    return seal_case(ends, inputs, expected);
  return std::nullopt;
}

Outcome channel_encryption(const Object& inputs, const Object& expected) {
  if (has(inputs, "a_secret")) return keys_case(inputs, expected);
  const Ends ends(inputs);
  if (!ends.known()) return std::nullopt;
  if (has(inputs, "ciphertext_hex")) return open_case(ends, inputs, expected);
  if (has(inputs, "plaintext_utf8") && (has(inputs, "nonce_hex") || has(inputs, "iv_hex")))
    return seal_case(ends, inputs, expected);
  return std::nullopt;
}

}  // namespace argot::onion::cases
