// Cases of encrypted files (client/attachments.md sections 1 and 2, client/account.md section 6).
#include <sodium.h>

#include "file_formats.h"
#include "vector_cases.h"

namespace argot::session {

using namespace vectors;

namespace {

Bytes sealed_by(FileSealer& sealer, ByteView plain) {
  Bytes out;
  sealer.add(plain, out);
  sealer.finish(out);
  return out;
}

Bytes opened_by(FileOpener& opener, ByteView sealed) {
  Bytes out;
  opener.add(sealed, out);
  opener.finish(out);
  return out;
}

Bytes sha256(ByteView bytes) {
  Bytes out(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(out.data(), bytes.data(), bytes.size());
  return out;
}

}  // namespace

std::optional<VectorResult> run_attachment_legacy(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  if (has_exactly(inputs, {"length"})) {
    expected.number("padded_length", legacy::padded_size(number(inputs, "length")));
    return expected.result();
  }
  if (!has(inputs, "key64") || !has(inputs, "iv") || !has(inputs, "plaintext_utf8")) return std::nullopt;
  const std::string plain = text(inputs, "plaintext_utf8");
  const Bytes key = hex(inputs, "key64"), iv = hex(inputs, "iv");
  if (key.size() != legacy::key_size || iv.size() != legacy::iv_size || plain.empty())
    return VectorResult{false, "The case's key has not 64 bytes, or its iv not 16, or its text none."};
  const auto sealer = legacy::seal(plain.size(), key, iv);
  const Bytes sealed = sealed_by(*sealer, view(plain));
  expected.number("padded_length", legacy::padded_size(plain.size()));
  expected.number("encrypted_length", sealed.size());
  expected.hex("encrypted_sha256_digest", sealer->key().digest);
  expected.hex("encrypted", sealed);
  if (expected.wants("encrypted")) {
    const FileKey pointer(FilePurpose::attachment, false, key, hex(expected_object, "encrypted_sha256_digest"),
                          number(inputs, "size_field"));
    if (opened_by(*legacy::open(pointer), hex(expected_object, "encrypted")) != to_bytes(view(plain)))
      return VectorResult{false, "The expected file opens to something else than was encrypted."};
  }
  return expected.result();
}

std::optional<VectorResult> run_attachment_stream(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  const std::uint64_t size = number(inputs, "n");
  expected.number("encrypted_size", stream::sealed_size(size));
  expected.number("padding_bytes", stream::padding(size));
  if (has_exactly(inputs, {"n"})) return expected.result();
  if (!has_exactly(inputs, {"n", "seed32", "blake2b_personal"})) return std::nullopt;
  const Bytes seed = hex(inputs, "seed32");
  const std::string domain = text(inputs, "blake2b_personal");
  const bool picture = domain == "Session_Prof_Pic";
  if (seed.size() != 32 || size > max_plain_file || (!picture && domain != "SessionAttachmnt")) return std::nullopt;
  const FilePurpose purpose = picture ? FilePurpose::picture : FilePurpose::attachment;
  Bytes plain(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<Byte>(7 * i);
  stream::KeyMaker maker(seed, purpose);
  maker.add(plain);
  stream::Keys keys = maker.finish();
  expected.hex("nonce", keys.nonce);
  expected.hex("key", keys.key.view());
  const auto sealer = stream::seal(purpose, size, std::move(keys));
  const Bytes sealed = sealed_by(*sealer, plain);
  expected.number("encrypted_size", sealed.size());
  expected.hex("encrypted_sha256", sha256(sealed));
  expected.hex("first_64_bytes", ByteView(sealed).first(64));
  if (opened_by(*stream::open(sealer->key()), sealed) != plain)
    return VectorResult{false, "The file opens to something else than was encrypted."};
  return expected.result();
}

std::optional<VectorResult> run_profile_picture(const Object& inputs, const Object& expected_object) {
  if (!has_exactly(inputs, {"profile_key", "iv", "plaintext_utf8"})) return std::nullopt;
  Expectation expected(expected_object);
  const std::string plain = text(inputs, "plaintext_utf8");
  const Bytes key = hex(inputs, "profile_key"), iv = hex(inputs, "iv");
  if (key.size() != picture::key_size || iv.size() != picture::iv_size)
    return VectorResult{false, "The case's key has not 32 bytes, or its iv not 12."};
  const auto sealer = picture::seal(plain.size(), key, iv);
  expected.hex("encrypted", sealed_by(*sealer, view(plain)));
  if (expected.wants("encrypted") &&
      opened_by(*picture::open(sealer->key()), hex(expected_object, "encrypted")) != to_bytes(view(plain)))
    return VectorResult{false, "The expected picture opens to something else than was encrypted."};
  return expected.result();
}

}  // namespace argot::session
