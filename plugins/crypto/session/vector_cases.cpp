#include "vector_cases.h"

#include <sodium.h>

#include <algorithm>

#include "padding.h"
#include "sealed.h"
#include "session_message.h"
#include "session_suite.h"
#include "wrapping.h"

namespace argot::session {

using namespace vectors;

namespace {

std::unique_ptr<Identity> identity_of(const Object& inputs, std::string_view key) {
  return make_identity(Secret(hex(inputs, key)));
}

Bytes padded(ByteView content) {
  Bytes out(padded_size(content.size()));
  std::ranges::copy(content, out.begin());
  out[content.size()] = 0x80;
  return out;
}

ByteView unpadded(ByteView bytes) { return bytes.first(unpadded_size(bytes)); }

/// The ephemeral secret that libsession's deterministic variant draws from the sender's seed (section 3).
Secret deterministic_ephemeral(ByteView seed, ByteView recipient, ByteView message) {
  Bytes input = to_bytes(seed);
  input.insert(input.end(), recipient.begin(), recipient.end());
  input.insert(input.end(), message.begin(), message.end());
  const Bytes box_seed = keys::blake2b(32, input, view("SessionBoxEphemeralHashKey"));
  Secret secret(32);
  Fixed<32> unused;
  crypto_box_seed_keypair(unused.data(), secret.data(), box_seed.data());
  return secret;
}

/// A box around bytes that are not padded.
Bytes seal_raw(const Identity& sender, ByteView recipient, ByteView message, const Secret& ephemeral) {
  Bytes box(box_overhead + message.size() + proof_size);
  std::ranges::copy(message, box.begin() + box_overhead);
  seal_in_place(box, sender, recipient, ephemeral.view());
  return box;
}

VectorResult sealing_case(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  const auto sender = identity_of(inputs, "sender_ed25519_seed32");
  const Bytes recipient = hex(inputs, "recipient_x25519_public");
  const std::string plain = text(inputs, "plaintext_utf8");
  const Secret ephemeral = has(inputs, "ephemeral_x25519_secret")
                               ? Secret(hex(inputs, "ephemeral_x25519_secret"))
                               : deterministic_ephemeral(hex(inputs, "sender_ed25519_seed32"), recipient, view(plain));
  expected.hex("ciphertext", seal_raw(*sender, recipient, view(plain), ephemeral));

  Bytes inner = to_bytes(view(plain));
  inner.insert(inner.end(), sender->ed25519_public().begin(), sender->ed25519_public().end());
  Bytes to_sign = inner;
  to_sign.insert(to_sign.end(), recipient.begin(), recipient.end());
  const auto signature = sender->sign(to_sign);
  inner.insert(inner.end(), signature.begin(), signature.end());
  expected.hex("signature", signature);
  expected.hex("inner_plaintext", inner);
  return expected.result();
}

VectorResult opening_case(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  const auto recipient = identity_of(inputs, "recipient_ed25519_seed32");
  const Bytes box = hex(inputs, "ciphertext");
  if (expected.wants_error()) {
    expected.error([&] { unseal(*recipient, box); });
    return expected.result();
  }
  const Unsealed unsealed = unseal(*recipient, box);
  expected.text("plaintext_utf8", text_of(unsealed.padded));
  expected.hex("sender_ed25519_public", unsealed.sender_ed25519);
  if (const auto sender = keys::x25519_from_ed25519(unsealed.sender_ed25519))
    expected.text("sender_account_id", AccountId(AccountId::person, *sender).text());
  return expected.result();
}

}  // namespace

std::optional<VectorResult> run_padding(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  if (has_exactly(inputs, {"n"})) {
    expected.number("libsession_2025_2026", padded_size(number(inputs, "n")));
    expected.note("classic_android_sessionjs");  // read, never written
  } else if (has_exactly(inputs, {"content_lengths"})) {
    boost::json::array sizes;
    for (const auto& length : inputs.at("content_lengths").as_array())
      sizes.emplace_back(padded_size(number(length, "content_lengths")));
    expected.value("padded_len_current", sizes);
    expected.note("padded_len_older");
  } else if (has_exactly(inputs, {"message_utf8"})) {
    const std::string message = text(inputs, "message_utf8");
    expected.hex("padded", padded(view(message)));
  } else if (has_exactly(inputs, {"padded"})) {
    const Bytes bytes = hex(inputs, "padded");
    expected.hex("message", unpadded(bytes));
    expected.hex("libsession", unpadded(bytes));
    expected.note("classic");
  } else {
    return std::nullopt;
  }
  return expected.result();
}

std::optional<VectorResult> run_session_protocol(const Object& inputs, const Object& expected) {
  if (has(inputs, "sender_ed25519_seed32") && has(inputs, "recipient_x25519_public") && has(inputs, "plaintext_utf8"))
    return sealing_case(inputs, expected);
  if (has_exactly(inputs, {"recipient_ed25519_seed32", "ciphertext"})) return opening_case(inputs, expected);
  return std::nullopt;
}

std::optional<VectorResult> run_envelope(const Object& inputs, const Object& expected_object) {
  if (!has_exactly(inputs, {"sender_ed25519_seed32", "recipient_ed25519_seed32", "content", "timestamp_ms",
                            "ephemeral_x25519_secret", "pro_sig"}))
    return std::nullopt;
  Expectation expected(expected_object);
  const auto sender = identity_of(inputs, "sender_ed25519_seed32"),
             recipient = identity_of(inputs, "recipient_ed25519_seed32");
  const Bytes content = hex(inputs, "content"), pro_sig = hex(inputs, "pro_sig");
  const std::uint64_t timestamp = number(inputs, "timestamp_ms");
  if (pro_sig.size() != 64) return VectorResult{false, "The case's \"pro_sig\" has not 64 bytes."};

  Randomness randomness;
  randomness.ephemeral = Secret(hex(inputs, "ephemeral_x25519_secret"));
  std::ranges::copy(pro_sig, randomness.pro_sig.begin());
  const Bytes message = seal_message(*sender, recipient->x25519_public(), content, timestamp, randomness);

  const Unwrapped unwrapped = unwrap(message);
  expected.hex("padded", padded(content));
  expected.hex("envelope_content_ciphertext", unwrapped.box);
  expected.hex("envelope", unwrapped.envelope);
  expected.hex("websocket_message", message);
  expected.text("store_data_base64", to_base64(message));
  expected.text("message_hash_namespace0", keys::message_hash(recipient->id(), 0, message));

  // And the expected bytes, not only ours, are opened by the recipient.
  if (expected.wants("websocket_message")) {
    KeyCache cache(1);
    const Opened opened = open_message(*recipient, hex(expected_object, "websocket_message"), cache);
    if (opened.content != content || opened.sender != sender->id() || opened.sent_at_ms != timestamp)
      return VectorResult{false, "The expected message opens to something else than was sealed."};
  }
  return expected.result();
}

std::optional<VectorResult> SessionSuite::run(std::string_view category, const Object& inputs,
                                              const Object& expected) const {
  if (category == "padding") return guarded([&] { return run_padding(inputs, expected); });
  if (category == "session_protocol") return guarded([&] { return run_session_protocol(inputs, expected); });
  if (category == "envelope") return guarded([&] { return run_envelope(inputs, expected); });
  if (category == "attachment_legacy") return guarded([&] { return run_attachment_legacy(inputs, expected); });
  if (category == "attachment_stream") return guarded([&] { return run_attachment_stream(inputs, expected); });
  if (category == "profile_picture") return guarded([&] { return run_profile_picture(inputs, expected); });
  return std::nullopt;
}

}  // namespace argot::session
