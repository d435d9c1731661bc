#include "auth.h"

#include <utility>

#include "namespaces.h"

namespace argot::node {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += part;
  return out;
}

/// One overload for each kind of parameters: what is signed, and the rights it takes.
struct SignedBytes {
  std::string operator()(const Store& c) const {
    return "store" + namespace_text(c.ns) + std::to_string(c.sig_timestamp);
  }
  std::string operator()(const Retrieve& c) const {
    return "retrieve" + namespace_text(c.ns) + std::to_string(c.timestamp.value_or(0));
  }
  std::string operator()(const Delete& c) const { return "delete" + joined(c.messages); }
  std::string operator()(const DeleteAll& c) const {
    return "delete_all" + namespace_text(c.ns) + std::to_string(c.timestamp);
  }
  std::string operator()(const DeleteBefore& c) const {
    return "delete_before" + namespace_text(c.ns) + std::to_string(c.before);
  }
  std::string operator()(const ExpireAll& c) const {
    return "expire_all" + namespace_text(c.ns) + std::to_string(c.expiry);
  }
  std::string operator()(const Expire& c) const {
    std::string out = "expire";
    if (c.mode != Expire::Mode::set) out += c.mode == Expire::Mode::shorten ? "shorten" : "extend";
    for (std::int64_t expiry : c.expiries) out += std::to_string(expiry);
    return out + joined(c.messages);
  }
  std::string operator()(const GetExpiries& c) const {
    return "get_expiries" + std::to_string(c.timestamp) + joined(c.messages);
  }
  std::string operator()(const Revoke& c) const {
    std::string out = c.undo ? "unrevoke_subaccount" : "revoke_subaccount";
    out += std::to_string(c.timestamp);
    for (const Token& token : c.tokens) out += text_of(token);
    return out;
  }
  template <class Unsigned> std::string operator()(const Unsigned&) const { return {}; }
};

struct NeededRights {
  Byte operator()(const Store& c) const { return is_public_outbox(c.ns) ? right::write | right::remove : right::write; }
  Byte operator()(const Retrieve&) const { return right::read; }
  Byte operator()(const GetExpiries&) const { return right::read; }
  Byte operator()(const Expire&) const { return right::write; }
  template <class Other> Byte operator()(const Other&) const { return right::remove; }
};

}  // namespace

std::string namespace_text(NamespaceOrAll ns) { return ns ? namespace_text(*ns) : "all"; }

std::string signed_bytes(const Call& call) { return std::visit(SignedBytes{}, call.params); }
Byte needed_rights(const Call& call) { return std::visit(NeededRights{}, call.params); }

std::optional<Fixed<32>> KnownKeys::x25519(const Fixed<32>& ed25519) {
  if (const auto found = newer_.find(ed25519); found != newer_.end()) return found->second;
  std::optional<Fixed<32>> out;
  if (const auto found = older_.find(ed25519); found != older_.end())
    out = found->second;
  else
    out = keys::x25519_from_ed25519(ed25519);
  if (!out) return std::nullopt;
  if (newer_.size() >= half) older_ = std::exchange(newer_, {});
  newer_.emplace(ed25519, *out);
  return out;
}

std::optional<Fixed<32>> owner_key(const Auth& auth, KnownKeys& known) {
  if (auth.account.prefix() == AccountId::person && auth.ed25519) {
    const auto x25519 = known.x25519(*auth.ed25519);
    if (!x25519 || !equal_secret(*x25519, auth.account.key())) return std::nullopt;
    return auth.ed25519;
  }
  Fixed<32> key;
  std::copy(auth.account.key().begin(), auth.account.key().end(), key.begin());
  return key;
}

bool subaccount_allows(const Subaccount& subaccount, Byte netid, const Fixed<32>& owner, Byte rights) {
  const Token& token = subaccount.token;
  const Byte flags = token[1];
  return (token[0] == netid || (flags & right::any_prefix)) && (flags & rights) == rights &&
         keys::verify(subaccount.owner_signature, token, owner);
}

bool is_authentic(const Call& call, KnownKeys& known) {
  const Auth* auth = auth_of(call);
  if (!auth || !auth->signature) return false;
  const auto owner = owner_key(*auth, known);
  if (!owner) return false;
  const std::string message = signed_bytes(call);
  if (!auth->subaccount) return keys::verify(*auth->signature, view(message), *owner);
  return subaccount_allows(*auth->subaccount, auth->account.prefix(), *owner, needed_rights(call)) &&
         keys::verify(*auth->signature, view(message), ByteView(auth->subaccount->token).subspan(4));
}

}  // namespace argot::node
