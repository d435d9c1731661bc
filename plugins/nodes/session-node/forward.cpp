#include "forward.h"

#include <boost/json/array.hpp>

#include "bencode.h"
#include "methods.h"

namespace argot::node {
namespace {

json::object auth_params(const Auth& auth) {
  json::object out;
  out["pubkey"] = text_of(auth.account.bytes());
  if (auth.ed25519) out["pubkey_ed25519"] = text_of(*auth.ed25519);
  if (auth.subaccount) {
    out["subaccount"] = text_of(auth.subaccount->token);
    out["subaccount_sig"] = text_of(auth.subaccount->owner_signature);
  }
  if (auth.signature) out["signature"] = text_of(*auth.signature);
  return out;
}

json::value ns_or_all(NamespaceOrAll ns) {
  if (ns) return *ns;
  return "all";
}

struct Params {
  json::object operator()(const Store& c) const {
    json::object out = auth_params(c.auth);
    out["data"] = text_of(c.data);
    out["expiry"] = c.expiry;
    if (c.ns != 0) out["namespace"] = c.ns;
    if (c.auth.signature) out["sig_timestamp"] = c.sig_timestamp;
    out["timestamp"] = c.timestamp;
    return out;
  }
  json::object operator()(const Delete& c) const {
    json::object out = auth_params(c.auth);
    out["messages"] = json::array(c.messages.begin(), c.messages.end());
    return out;
  }
  json::object operator()(const DeleteAll& c) const { return of_all(c, "timestamp", c.timestamp); }
  json::object operator()(const DeleteBefore& c) const { return of_all(c, "before", c.before); }
  json::object operator()(const ExpireAll& c) const { return of_all(c, "expiry", c.expiry); }
  json::object operator()(const Expire& c) const {
    json::object out = auth_params(c.auth);
    if (c.expiries.size() == 1)
      out["expiry"] = c.expiries[0];
    else
      out["expiry"] = json::array(c.expiries.begin(), c.expiries.end());
    if (c.mode == Expire::Mode::extend) out["extend"] = 1;
    if (c.mode == Expire::Mode::shorten) out["shorten"] = 1;
    out["messages"] = json::array(c.messages.begin(), c.messages.end());
    return out;
  }
  json::object operator()(const Revoke& c) const {
    json::object out = auth_params(c.auth);
    json::array tokens;
    for (const Token& token : c.tokens) tokens.push_back(json::string(text_of(token)));
    out[c.undo ? "unrevoke" : "revoke"] = std::move(tokens);
    out["timestamp"] = c.timestamp;
    return out;
  }
  template <class Other> json::object operator()(const Other&) const {
    throw Error(Code::internal, "A method that is not recursive was to be forwarded.");
  }

 private:
  template <class C> static json::object of_all(const C& c, const char* time_name, std::int64_t time) {
    json::object out = auth_params(c.auth);
    out["namespace"] = ns_or_all(c.ns);
    out[time_name] = time;
    return out;
  }
};

/// Whether a value may go into a client's JSON: anything but control and non-ASCII characters.
bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}
bool is_clean(const json::value& value) {
  if (const auto* text = value.if_string()) return is_clean(std::string_view(*text));
  if (const auto* list = value.if_array())
    return std::all_of(list->begin(), list->end(), [](const auto& e) { return is_clean(e); });
  if (const auto* object = value.if_object())
    return std::all_of(object->begin(), object->end(), [](const auto& member) {
      return is_clean(std::string_view(member.key())) && is_clean(member.value());
    });
  return true;
}

}  // namespace

std::string forwarded_params(const Call& call) { return bencode::encode(std::visit(Params{}, call.params)); }

std::string encode_entry(json::object entry) {
  if (auto* signature = entry.if_contains("signature"); signature && signature->is_string())
    if (const auto raw = from_base64(signature->get_string())) *signature = json::string(text_of(*raw));
  return bencode::encode(entry);
}

std::optional<json::object> decode_entry(std::string_view bencoded) {
  auto value = bencode::decode(bencoded);
  if (!value || !value->is_object()) return std::nullopt;
  json::object& entry = value->get_object();
  if (auto* signature = entry.if_contains("signature"); signature && signature->is_string())
    *signature = to_base64(view(signature->get_string()));
  if (!is_clean(*value)) return std::nullopt;
  return std::move(entry);
}

}  // namespace argot::node
