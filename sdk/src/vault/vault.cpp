#include <argot/vault.h>

#include <sodium.h>
#include <boost/json.hpp>

namespace argot {
namespace {

namespace json = boost::json;
constexpr std::int64_t version = 1;
// A text from somebody else must not make us allocate or work without bound.
constexpr std::uint64_t max_ops = 16, max_memory = 1ull << 30;

Error damaged(const std::string& why) {
  return Error(Code::corrupt, "The account's key file is damaged: " + why + ".",
               "Restore the file from a backup, or restore the account from its recovery phrase.");
}

json::object parse(std::string_view wrapped) {
  boost::system::error_code failure;
  json::value value = json::parse(wrapped, failure);
  if (failure || !value.is_object()) throw damaged("it is not JSON");
  json::object object = std::move(value.as_object());
  const json::value* v = object.if_contains("version");
  if (!v || !v->is_int64()) throw damaged("it has no version");
  if (v->as_int64() > version)
    throw Error(Code::incompatible,
                "The account's key file was written by a newer Argot (version " + std::to_string(v->as_int64()) +
                    ", this one reads " + std::to_string(version) + ").",
                "Use the newer Argot.");
  return object;
}

Bytes field(const json::object& object, std::string_view name, std::size_t size) {
  const json::value* v = object.if_contains(name);
  std::optional<Bytes> bytes;
  if (v && v->is_string()) bytes = from_base64(std::string_view(v->as_string()));
  if (!bytes || bytes->size() != size)
    throw damaged("\"" + std::string(name) + "\" is missing or has the wrong length");
  return std::move(*bytes);
}

std::uint64_t bounded(const json::object& object, std::string_view name, std::uint64_t most) {
  const json::value* v = object.if_contains(name);
  if (!v || !v->is_int64() || v->as_int64() < 1 || std::uint64_t(v->as_int64()) > most)
    throw damaged("\"" + std::string(name) + "\" is out of bounds");
  return std::uint64_t(v->as_int64());
}

Secret stretch(const Secret& passphrase, ByteView salt, std::uint64_t ops, std::uint64_t memory) {
  Secret out(crypto_secretbox_KEYBYTES);
  const char* text = passphrase.empty() ? "" : reinterpret_cast<const char*>(passphrase.data());
  if (crypto_pwhash(out.data(), out.size(), text, passphrase.size(), salt.data(), ops, memory,
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    throw Error(
        Code::resource_exhausted,
        "There is not enough memory to check the passphrase (" + std::to_string(memory >> 20) + " MiB are needed).",
        "Close other programs and try again.");
  return out;
}

}  // namespace

Task<std::string> wrap_key(Context& ctx, Secret key, Secret passphrase, KdfStrength strength) {
  json::object out{{"version", version}};
  if (passphrase.empty()) {
    out["key"] = to_base64(key.view());
    co_return json::serialize(out);
  }
  const bool strong = strength == KdfStrength::moderate;
  const std::uint64_t ops = strong ? crypto_pwhash_OPSLIMIT_MODERATE : crypto_pwhash_OPSLIMIT_INTERACTIVE;
  const std::uint64_t memory = strong ? crypto_pwhash_MEMLIMIT_MODERATE : crypto_pwhash_MEMLIMIT_INTERACTIVE;
  Fixed<crypto_pwhash_SALTBYTES> salt;
  Fixed<crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce;
  ctx.random(salt);  // here, on the loop: in a simulation its order is part of the run
  ctx.random(nonce);
  auto job = [&] { return stretch(passphrase, salt, ops, memory); };
  const Secret wrapping = co_await ctx.offload(std::move(job));
  Bytes box(key.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(box.data(), nullptr, key.data(), key.size(), nullptr, 0, nullptr,
                                             nonce.data(), wrapping.data());
  out["kdf"] = "argon2id";
  out["ops"] = ops;
  out["memory"] = memory;
  out["salt"] = to_base64(salt);
  out["nonce"] = to_base64(nonce);
  out["box"] = to_base64(box);
  co_return json::serialize(out);
}

bool needs_passphrase(std::string_view wrapped) { return !parse(wrapped).contains("key"); }

Task<Secret> unwrap_key(Context& ctx, std::string wrapped, Secret passphrase) {
  json::object in = parse(wrapped);
  if (in.contains("key")) {
    Bytes bytes = field(in, "key", 32);
    Secret key{ByteView(bytes)};
    wipe(bytes);
    co_return key;
  }
  const Bytes salt = field(in, "salt", crypto_pwhash_SALTBYTES);
  const Bytes nonce = field(in, "nonce", crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  const Bytes box = field(in, "box", 32 + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  const std::uint64_t ops = bounded(in, "ops", max_ops), memory = bounded(in, "memory", max_memory);
  auto job = [&] { return stretch(passphrase, salt, ops, memory); };
  const Secret wrapping = co_await ctx.offload(std::move(job));
  Secret key(32);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(key.data(), nullptr, nullptr, box.data(), box.size(), nullptr, 0,
                                                 nonce.data(), wrapping.data()) != 0)
    throw Error(Code::unauthenticated, "The passphrase does not open this account.",
                "Check the passphrase (case and keyboard layout); without it, restore from the recovery phrase.");
  co_return key;
}

}  // namespace argot
