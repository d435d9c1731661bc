// Cases of accounts: recovery phrases, key pairs, XEd25519, message hashes (client/account.md sections 1 to 4).
#include <argot/identity.h>

#include <algorithm>
#include <sstream>

#include "cases.h"
#include "identity/key_pairs.h"
#include "identity/phrase_words.h"
#include "identity/words.h"

namespace argot::vectors {
namespace {

std::vector<std::size_t> indices_of_words(const std::string& words) {
  std::vector<std::size_t> indices;
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    const auto index = phrase::find_word(word);
    if (!index) throw Error(Code::invalid_argument, "\"" + word + "\" is not in the word list.");
    indices.push_back(*index);
  }
  return indices;
}

/// All keys that grow from a seed; also that make_identity shows the same public ones.
void expect_keys(Expectation& expected, const Secret& seed) {
  const KeyPairs keys = key_pairs(padded_seed(seed));
  const auto identity = make_identity(seed);
  expected.hex("ed25519_public", identity->ed25519_public());
  expected.hex("ed25519_secret64", keys.ed25519_secret.view());
  expected.hex("x25519_public", identity->x25519_public());
  expected.hex("x25519_secret", keys.x25519_secret.view());
  expected.text("account_id", identity->id().text());
}

VectorResult read_phrase(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  const std::string words = text(inputs, "mnemonic");
  if (expected.wants_error()) {
    expected.error([&] { phrase::to_seed(words); });
    return expected.result();
  }
  const Secret seed = phrase::to_seed(words);
  expected.hex("seed16", seed.view());
  expected.hex("ed25519_seed32", padded_seed(seed).view());
  if (expected.wants("checksum_word_index")) {
    auto indices = indices_of_words(words);
    indices.pop_back();
    expected.number("checksum_word_index", phrase::checksum_index(indices));
  }
  expect_keys(expected, seed);
  // The other direction: whole words come back as they were.
  if (const auto again = phrase::to_seed(phrase::from_seed(seed.view())); !equal_secret(again.view(), seed.view()))
    return {false, "The phrase made from the seed does not stand for the same seed."};
  return expected.result();
}

VectorResult write_words(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  const Bytes bytes = hex(inputs, "bytes");
  if (expected.wants("mnemonic")) expected.text("mnemonic", phrase::from_seed(bytes));
  boost::json::array words, indices;
  for (const auto& word : phrase::encode_words(bytes)) words.emplace_back(word);
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4)
    for (std::size_t index : phrase::indices_of(ByteView(bytes).subspan(i).first<4>()))
      indices.emplace_back(static_cast<std::int64_t>(index));
  expected.value("words", words);
  expected.value("indices", indices);
  return expected.result();
}

/// Data words without a checksum.
VectorResult read_words(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  const auto indices = indices_of_words(text(inputs, "words"));
  Bytes bytes;
  const auto read = [&] {
    for (std::size_t i = 0; i + 3 <= indices.size(); i += 3) {
      const auto group = phrase::bytes_of(std::span(indices).subspan(i).first<3>());
      if (!group) throw Error(Code::invalid_argument, "A group of words is more than 32 bits: overflow.");
      bytes.insert(bytes.end(), group->begin(), group->end());
    }
  };
  if (expected.wants_error())
    expected.error(read);
  else
    read();
  expected.hex("bytes", bytes);
  return expected.result();
}

}  // namespace

std::optional<VectorResult> run_mnemonic(const Object& inputs, const Object& expected) {
  if (has_exactly(inputs, {"mnemonic"})) return read_phrase(inputs, expected);
  if (has_exactly(inputs, {"bytes"})) return write_words(inputs, expected);
  if (has_exactly(inputs, {"words"})) return read_words(inputs, expected);
  return std::nullopt;
}

std::optional<VectorResult> run_keys(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  if (has_exactly(inputs, {"ed25519_seed32"})) {
    expect_keys(expected, Secret(hex(inputs, "ed25519_seed32")));
  } else if (has_exactly(inputs, {"ed25519_seed32", "message_utf8"})) {
    const std::string message = text(inputs, "message_utf8");
    expected.hex("signature", make_identity(Secret(hex(inputs, "ed25519_seed32")))->sign(view(message)));
  } else if (has_exactly(inputs, {"message_utf8", "length"}) ||
             has_exactly(inputs, {"message_utf8", "key_utf8", "length"})) {
    const std::string message = text(inputs, "message_utf8"),
                      key = has(inputs, "key_utf8") ? text(inputs, "key_utf8") : "";
    expected.hex("hash", keys::blake2b(number(inputs, "length"), view(message), view(key)));
  } else if (has_exactly(inputs, {"ed25519_public"})) {
    const auto found = keys::x25519_from_ed25519(hex(inputs, "ed25519_public"));
    if (!found) return VectorResult{false, "The Ed25519 key is no valid point."};
    expected.hex("x25519_public", *found);
  } else if (has_exactly(inputs, {"ed25519_seeds"})) {
    boost::json::array ids;
    for (const auto& seed : inputs.at("ed25519_seeds").as_array())
      ids.emplace_back(make_identity(Secret(from_hex(seed.as_string()).value()))->id().text());
    expected.value("session_ids", ids);
  } else {
    return std::nullopt;
  }
  return expected.result();
}

std::optional<VectorResult> run_xed25519(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  if (has_exactly(inputs, {"x25519_public"}) || has_exactly(inputs, {"x25519"})) {
    const auto point = keys::ed25519_from_x25519(hex(inputs, has(inputs, "x25519") ? "x25519" : "x25519_public"));
    expected.hex("ed25519_public_positive", point);
    expected.hex("ed25519_positive", point);
    if (expected.wants("original_ed25519_public")) {
      auto original = point;  // the conversion forgets the sign, and nothing else
      if (number(expected_object, "original_sign_bit") != 0) original[31] |= 0x80;
      expected.hex("original_ed25519_public", original);
      expected.note("original_sign_bit");
    }
    expected.note("equals_real_ed_key");
    return expected.result();
  }
  if (has_exactly(inputs, {"x25519_secret", "x25519_public", "message_utf8", "Z"})) {
    const std::string message = text(inputs, "message_utf8");
    const Bytes x25519_public = hex(inputs, "x25519_public");
    const auto signature = keys::xed25519_sign(Secret(hex(inputs, "x25519_secret")), view(message), hex(inputs, "Z"));
    expected.hex("signature", signature);
    const auto point = keys::ed25519_from_x25519(x25519_public);
    expected.hex("verify_ed25519_public", point);
    if (!keys::verify(signature, view(message), point) ||
        !keys::xed25519_verify(signature, view(message), x25519_public))
      return VectorResult{false, "The signature does not verify under the converted key."};
    return expected.result();
  }
  if (has_exactly(inputs, {"x25519_private", "x25519_public", "message_ascii"}) && expected.wants("valid")) {
    // Made by another signer, whose randomness is not ours: verified, not repeated.
    const std::string message = text(inputs, "message_ascii");
    const Bytes signature = hex(expected_object, "signature");
    expected.value("valid", keys::xed25519_verify(signature, view(message), hex(inputs, "x25519_public")));
    expected.value("sign_bit_in_byte63", signature.size() == 64 && (signature[63] & 0x80) != 0);
    expected.note("signature");
    return expected.result();
  }
  return std::nullopt;
}

std::optional<VectorResult> run_message_hash(const Object& inputs, const Object& expected_object) {
  AccountId mailbox;
  if (has(inputs, "pubkey")) {
    mailbox = AccountId::parse(text(inputs, "pubkey"));
  } else if (has(inputs, "netid")) {
    mailbox = AccountId(static_cast<Byte>(number(inputs, "netid")), hex(inputs, "pubkey32_hex"));
  } else {
    return std::nullopt;
  }
  Bytes data;
  if (has(inputs, "data_base64"))
    data = base64(inputs, "data_base64");
  else if (has(inputs, "data_b64"))
    data = base64(inputs, "data_b64");
  else if (has(inputs, "data_hex"))
    data = hex(inputs, "data_hex");
  else if (has(inputs, "data_utf8"))
    data = to_bytes(view(text(inputs, "data_utf8")));
  else
    return std::nullopt;
  const auto* ns = inputs.if_contains("namespace");
  if (!ns || !ns->is_int64()) return std::nullopt;
  Expectation expected(expected_object);
  expected.text("hash", keys::message_hash(mailbox, static_cast<std::int16_t>(ns->get_int64()), data));
  return expected.result();
}

}  // namespace argot::vectors
