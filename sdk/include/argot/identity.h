#pragma once
// Accounts: recovery phrase, seed, keys, identifiers. Source of every fact: protocol notes, client/account.md.
#include <argot/bytes.h>
#include <argot/secret.h>

#include <compare>
#include <functional>
#include <memory>

namespace argot {

/// One prefix byte and a 32-byte key; 66 lower-case hex digits as text (account.md section 3).
/// Prefix 05: a person (X25519 key). 03: a group (Ed25519 key).
class ARGOT_API AccountId {
 public:
  static constexpr std::size_t size = 33;
  static constexpr Byte person = 0x05, group = 0x03;

  AccountId() = default;  ///< all zero; no account
  explicit AccountId(const Fixed<size>& bytes) : bytes_(bytes) {}
  AccountId(Byte prefix, ByteView key32);
  /// Reads 66 hex digits, any case, surrounding white space ignored.
  /// Throws Error(invalid_argument) that says what is wrong: length, digit, unknown prefix.
  static AccountId parse(std::string_view text);

  Byte prefix() const { return bytes_[0]; }
  ByteView key() const { return ByteView(bytes_).subspan(1); }
  ByteView bytes() const { return bytes_; }
  std::string text() const { return to_hex(bytes_); }
  /// First 8 hex digits with an ellipsis: for people and logs.
  std::string brief() const;
  auto operator<=>(const AccountId&) const = default;

 private:
  Fixed<size> bytes_{};
};

/// Recovery phrases (account.md section 1): 4 bytes are 3 words; the last word repeats one as a checksum.
namespace phrase {
/// 16 bytes give 13 words, 32 bytes give 25. Other lengths: Error(invalid_argument).
ARGOT_API std::string from_seed(ByteView seed);
/// Reads a phrase in any case with any white space; words are known by their first three letters.
/// Needs the checksum word. Throws Error(invalid_argument) that names the word (position and spelling)
/// that is unknown, the count, the group that overflows, or the checksum word that was expected.
ARGOT_API Secret to_seed(std::string_view words);
/// Lower level: data words only, no checksum.
ARGOT_API std::vector<std::string> encode_words(ByteView bytes);
}  // namespace phrase

/// What an account can do with its keys, without anybody seeing them. Suites and transports get this, never
/// the seed. Owned by the kernel; references are valid during the call they are passed to.
class ARGOT_API Identity {
 public:
  virtual ~Identity();
  virtual const AccountId& id() const = 0;
  virtual const Fixed<32>& ed25519_public() const = 0;
  virtual const Fixed<32>& x25519_public() const = 0;
  /// Ed25519 (libsodium's detached signature).
  virtual Fixed<64> sign(ByteView message) const = 0;
  /// Raw X25519 with the account's key. Throws Error(invalid_argument) on a low-order point.
  virtual Secret agree(ByteView x25519_peer) const = 0;
  /// 32 bytes for one purpose: BLAKE2b-256 of `context`, keyed by the seed, personalised by `label` (at most
  /// 16 bytes). Different labels are independent; nothing about the seed can be learned from them.
  virtual Secret derive(std::string_view label, ByteView context) const = 0;
};

/// An identity held in this process. `seed`: 16 bytes (padded with zeros to 32, account.md section 2) or 32.
ARGOT_API std::unique_ptr<Identity> make_identity(const Secret& seed);

/// Cryptographic facts that more than one plugin needs.
namespace keys {
/// Ed25519 public key to X25519. Nothing when the point is invalid. Costs about one scalar multiplication: cache it.
ARGOT_API std::optional<Fixed<32>> x25519_from_ed25519(ByteView ed25519_public);
/// X25519 public key to the positive Ed25519 point (account.md section 4).
ARGOT_API Fixed<32> ed25519_from_x25519(ByteView x25519_public);
/// Ed25519 verification.
ARGOT_API bool verify(ByteView signature64, ByteView message, ByteView ed25519_public);
/// XEd25519 (account.md section 4). `random64` is the 64 bytes Z.
ARGOT_API Fixed<64> xed25519_sign(const Secret& x25519_secret, ByteView message, ByteView random64);
ARGOT_API bool xed25519_verify(ByteView signature64, ByteView message, ByteView x25519_public);
/// BLAKE2b with an optional key and an optional personalisation of at most 16 bytes.
ARGOT_API Bytes blake2b(std::size_t length, ByteView message, ByteView key = {}, std::string_view personal = {});
/// Identifier of a stored envelope: 43 base64 characters (snode_api.md section 5).
ARGOT_API std::string message_hash(const AccountId& mailbox, std::int16_t ns, ByteView data);
}  // namespace keys

}  // namespace argot
