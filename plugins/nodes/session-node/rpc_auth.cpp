#include "rpc_auth.h"

namespace argot::node {
namespace {

template <std::size_t N> std::optional<Fixed<N>> fixed(ByteView bytes) {
  if (bytes.size() != N) return std::nullopt;
  Fixed<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

std::optional<Fixed<32>> read_ed25519(const Fields& fields, const AccountId& account) {
  const auto given = fields.text("pubkey_ed25519");
  if (!given) return std::nullopt;
  if (account.prefix() != AccountId::person) invalid("pubkey_ed25519 is only permitted for 05[...] pubkeys");
  if (given->size() == 32) return fixed<32>(view(*given));
  if (given->size() != 64) invalid("Invalid pubkey_ed25519: expected 64 hex char or 32 byte pubkey");
  const auto key = fixed_from_hex<32>(*given);
  if (!key) invalid("invalid pubkey_ed25519: value is not hex");
  return key;
}

std::optional<Subaccount> read_subaccount(const Fields& fields) {
  const auto given = fields.text("subaccount");
  if (!given || given->empty()) return std::nullopt;
  const auto token = read_token(*given, fields.encoding());
  if (!token) invalid("invalid subaccount: expected base64 or hex-encoded subaccount token");
  const auto owner_signature = fields.signature("subaccount_sig");
  if (!owner_signature) invalid("invalid subaccount: subaccount_sig is required when using subaccount");
  return Subaccount{*token, *owner_signature};
}

}  // namespace

AccountId read_account(const Fields& fields, Aliases aliases, std::string_view length) {
  const auto given = aliases == Aliases::allowed ? fields.text("pubkey", "pubKey") : fields.text("pubkey");
  if (!given) missing("pubkey");
  auto bytes =
      given->size() == AccountId::size ? fixed<AccountId::size>(view(*given)) : fixed_from_hex<AccountId::size>(*given);
  if (!bytes) invalid("Pubkey must be " + std::string(length));
  return AccountId(*bytes);
}

std::optional<Token> read_token(std::string_view text, Encoding encoding) {
  if (encoding == Encoding::bencode) return fixed<36>(view(text));
  if (text.size() == 72) return fixed_from_hex<36>(text);
  if (text.size() != 48) return std::nullopt;
  const auto bytes = from_base64(text);
  return bytes ? fixed<36>(*bytes) : std::nullopt;
}

Auth read_auth(const Fields& fields, Aliases aliases, SignatureNeed need) {
  Auth auth;
  auth.account = read_account(fields, aliases);
  auth.ed25519 = read_ed25519(fields, auth.account);
  auth.subaccount = read_subaccount(fields);
  auth.signature = fields.signature("signature");
  if (!auth.signature && need == SignatureNeed::required) missing("signature");
  return auth;
}

}  // namespace argot::node
