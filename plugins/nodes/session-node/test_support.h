// What the tests of this folder share: people with keys who write requests, and a place for files.
#pragma once
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <random>

#include "auth.h"
#include "keys.h"
#include "rpc.h"
#include "service.h"
#include "to_json.h"

namespace argot::node::test {

inline constexpr std::int64_t t0 = 1'750'000'000'000;

/// A directory that goes away with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::random_device entropy;
    path_ = std::filesystem::temp_directory_path() /
            ("argot-node-test-" + std::to_string(entropy()) + std::to_string(entropy()));
    std::filesystem::create_directories(path_);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Somebody with an Ed25519 key: a person (05 and the X25519 form) or a group (03 and the key itself).
class Someone {
 public:
  explicit Someone(Byte seed, Byte prefix = AccountId::person)
      : keys_(Bytes(32, seed)),
        account_(prefix, prefix == AccountId::person ? ByteView(keys_.x25519()) : ByteView(keys_.ed25519())) {}
  const AccountId& account() const { return account_; }
  const NodeKeys& keys() const { return keys_; }

  /// Adds what identifies the signer, and the signature of what the call will be parsed to.
  json::object sign(std::string_view method, json::object params) const {
    params["pubkey"] = account_.text();
    if (account_.prefix() == AccountId::person) params["pubkey_ed25519"] = to_hex(keys_.ed25519());
    params["signature"] = std::string(86, 'A');
    const Call call = parse_call(method, params);
    params["signature"] = to_base64(keys_.sign(signed_bytes(call)));
    return params;
  }

  /// A token for `who` with these rights, and this owner's signature of it.
  json::object subaccount(const Someone& who, Byte rights) const {
    Bytes token{account_.prefix(), rights, 0, 0};
    token.insert(token.end(), who.keys_.ed25519().begin(), who.keys_.ed25519().end());
    return {{"subaccount", to_base64(token)}, {"subaccount_sig", to_base64(keys_.sign(text_of(token)))}};
  }
  /// Signs a call for this account with the key of the subaccount `who`.
  json::object sign_as(const Someone& who, Byte rights, std::string_view method, json::object params) const {
    for (auto& [key, value] : subaccount(who, rights)) params[key] = value;
    params = sign(method, std::move(params));
    params["signature"] = to_base64(who.keys_.sign(signed_bytes(parse_call(method, params))));
    return params;
  }

  json::object store(std::string_view text, std::int64_t now = t0, std::int64_t ttl = 86'400'000) const {
    return {{"pubkey", account_.text()}, {"timestamp", now}, {"ttl", ttl}, {"data", to_base64(view(text))}};
  }
  json::object retrieve(std::int64_t now = t0, std::int16_t ns = 0) const {
    return sign("retrieve", {{"namespace", ns}, {"timestamp", now}});
  }

 private:
  NodeKeys keys_;
  AccountId account_;
};

inline std::string request(std::string_view method, const json::object& params) {
  return json::serialize(json::object{{"method", method}, {"params", params}});
}

/// A node alone in the world, with its database in memory and a clock the test sets.
class LoneNode {
 public:
  LoneNode() : service_(std::make_shared<const NodeKeys>(Bytes(32, 99)), Facts{}) {
    ServiceNode self;
    self.host = "127.0.0.1";
    self.https_port = 22021;
    self.ed25519 = service_.keys().ed25519();
    self.x25519 = service_.keys().x25519();
    self.swarm = 5;
    service_.set_network(NodeList({self}));
  }
  Reply operator()(std::string_view method, const json::object& params) { return raw(request(method, params)); }
  Reply raw(std::string_view body) {
    try {
      return service_.handle_alone(parse_request(body), db, now);
    } catch (const Refused& refused) {
      return reply_of(refused);
    }
  }
  /// This node's entry in a recursive reply.
  json::object entry(std::string_view method, const json::object& params) {
    const Reply reply = (*this)(method, params);
    EXPECT_EQ(reply.status, 200u) << to_json(reply);
    return reply.body.at("swarm").at(name()).as_object();
  }
  std::string name() const { return service_.keys().name(); }
  Service& service() { return service_; }

  Database db{":memory:", 1 << 28};
  std::int64_t now = t0;

 private:
  Service service_;
};

/// The whole body, as a client reads it.
inline json::value body_of(const Reply& reply) { return json::parse(to_json(reply)); }

/// "401 retrieve signature verification failed"
inline std::string told(const Reply& reply) {
  std::string out = std::to_string(reply.status);
  if (reply.body.is_string()) out += " " + std::string(reply.body.get_string());
  return out;
}

}  // namespace argot::node::test
