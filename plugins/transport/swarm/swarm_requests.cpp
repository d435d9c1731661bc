#include "swarm_requests.h"

#include "signed_text.h"

namespace argot::swarm::request {

namespace json = boost::json;

namespace {

void sign(json::object& params, const Identity& by, const std::string& text) {
  // Only people have an Ed25519 key that differs from their id's (section 2).
  if (by.id().prefix() == AccountId::person) params["pubkey_ed25519"] = to_hex(by.ed25519_public());
  params["signature"] = to_base64(by.sign(view(text)));
}

json::object about(const AccountId& account) { return {{"pubkey", account.text()}}; }

json::array list(const std::vector<std::string>& hashes) { return json::array(hashes.begin(), hashes.end()); }

}  // namespace

json::object get_swarm(const AccountId& account) { return about(account); }

json::object store(const Mailbox& mailbox, ByteView envelope, Duration ttl, std::int64_t sent_ms, std::int64_t clock_ms,
                   const Identity* signer) {
  json::object params = about(mailbox.account);
  params["timestamp"] = sent_ms;
  params["ttl"] = std::chrono::floor<std::chrono::milliseconds>(ttl).count();
  params["data"] = to_base64(envelope);
  params["namespace"] = mailbox.ns;
  if (signer) {
    params["sig_timestamp"] = clock_ms;
    sign(params, *signer, to_sign::store(mailbox.ns, clock_ms));
  }
  return params;
}

json::object retrieve(const Mailbox& mailbox, const Identity& owner, const std::string& last_hash, std::int64_t now_ms,
                      Duration wait) {
  json::object params = about(mailbox.account);
  params["namespace"] = mailbox.ns;
  params["last_hash"] = last_hash;
  if (wait > Duration::zero()) params["wait_ms"] = wait / std::chrono::milliseconds(1);
  // Shares of the largest answer (section 7): what carries messages gets half.
  params["max_size"] = mailbox.ns == 0 || mailbox.ns == 11 ? -2 : -8;
  params["timestamp"] = now_ms;
  sign(params, owner, to_sign::retrieve(mailbox.ns, now_ms));
  return params;
}

json::object remove(const Mailbox& mailbox, const Identity& owner, const std::vector<std::string>& hashes) {
  json::object params = about(mailbox.account);
  params["messages"] = list(hashes);
  sign(params, owner, to_sign::remove(hashes));
  return params;
}

json::object expire(const Mailbox& mailbox, const Identity& owner, const std::vector<std::string>& hashes,
                    std::int64_t at_ms) {
  json::object params = about(mailbox.account);
  params["messages"] = list(hashes);
  params["expiry"] = at_ms;
  const std::int64_t expiries[] = {at_ms};
  sign(params, owner, to_sign::expire("", expiries, hashes));
  return params;
}

json::object together(Calls calls) {
  json::array list;
  for (auto& [method, params] : calls) {
    json::object call;
    call["method"] = method;
    call["params"] = std::move(params);
    list.push_back(std::move(call));
  }
  json::object out;
  out["requests"] = std::move(list);
  return out;
}

}  // namespace argot::swarm::request
