// A swarm of nodes in a test: honest unless a test says otherwise.
#pragma once
#include "node_caller.h"
#include "signed_text.h"

#include <sdk/src/http/test_world.h>

namespace argot::swarm::test {

namespace json = boost::json;
using http::test::TestContext;

struct FakeNode {
  ServiceNode contact;
  std::unique_ptr<Identity> keys;
  struct Kept {
    std::string hash, data;
    std::int64_t timestamp, expiry;
  };
  std::vector<Kept> kept;
  std::vector<json::object> calls;  ///< {"method","params"} as they came
  std::int64_t clock_off_ms = 0;
  /// Answers instead of the honest node; nothing: the honest one does.
  std::function<std::optional<Reply>(const std::string& method, const json::object& params)> script;
};

class FakeNodes {
 public:
  FakeNodes(TestContext& ctx, int count) : ctx_(ctx) {
    for (int i = 0; i < count; ++i) {
      FakeNode& node = nodes.emplace_back();
      node.keys = make_identity(Secret(Bytes(32, static_cast<Byte>(100 + i))));
      node.contact.host = "node-" + std::to_string(i + 1);
      node.contact.https_port = 22021;
      node.contact.ed25519 = node.keys->ed25519_public();
      node.contact.x25519 = node.keys->x25519_public();
      members.push_back(static_cast<std::size_t>(i));
    }
  }
  std::vector<ServiceNode> contacts() const {
    std::vector<ServiceNode> out;
    for (const FakeNode& node : nodes) out.push_back(node.contact);
    return out;
  }
  std::size_t calls(const std::string& method) const {
    std::size_t count = 0;
    for (const FakeNode& node : nodes)
      for (const auto& call : node.calls) count += std::string_view(call.at("method").as_string()) == method;
    return count;
  }
  Reply answer(const std::string& address, const std::string& method, const json::object& params) {
    for (FakeNode& node : nodes) {
      if (node.contact.address() != address) continue;
      node.calls.push_back({{"method", method}, {"params", params}});
      if (node.script)
        if (auto reply = node.script(method, params)) return *reply;
      return honest(node, method, params);
    }
    throw Error(Code::unavailable, "Cannot connect to " + address + ": connection refused.");
  }

  Reply swarm_reply(const FakeNode& node, unsigned status) const {
    json::array list;
    for (std::size_t i : members) {
      const ServiceNode& c = nodes[i].contact;
      list.push_back({{"ip", c.host},
                      {"port_https", c.https_port},
                      {"port", std::to_string(c.https_port)},
                      {"pubkey_ed25519", to_hex(c.ed25519)},
                      {"pubkey_x25519", to_hex(c.x25519)}});
    }
    return wrap(node, {{"snodes", std::move(list)}, {"swarm", "1f"}}, status);
  }
  Reply wrap(const FakeNode& node, json::object body, unsigned status = 200) const {
    body["t"] = now(node);
    body["hf"] = {19, 4};
    return {status, json::serialize(body)};
  }
  std::int64_t now(const FakeNode& node) const { return to_ms(ctx_.now()) + node.clock_off_ms; }

  Reply node_list(const FakeNode& node, const std::vector<ServiceNode>& list) const {
    json::array states;
    for (const ServiceNode& each : list)
      states.push_back({{"public_ip", each.host},
                        {"storage_port", each.https_port},
                        {"pubkey_ed25519", to_hex(each.ed25519)},
                        {"pubkey_x25519", to_hex(each.x25519)},
                        {"swarm_id", each.swarm}});
    json::object result;
    result["service_node_states"] = std::move(states);
    json::object body;
    body["result"] = std::move(result);
    return wrap(node, std::move(body));
  }

  std::deque<FakeNode> nodes;
  std::vector<std::size_t> members;  ///< of everybody's swarm

 private:
  Reply honest(FakeNode& node, const std::string& method, const json::object& params) {
    if (method == "get_swarm") return swarm_reply(node, 200);
    if (method == "oxend_request") return node_list(node, contacts());
    if (method == "info") return wrap(node, {{"version", {2, 8, 0}}, {"timestamp", now(node)}});
    if (method == "batch" || method == "sequence") {
      json::array results;
      for (const auto& part : params.at("requests").as_array()) {
        const std::string called(part.at("method").as_string());
        node.calls.push_back(part.as_object());
        std::optional<Reply> reply;
        if (node.script) reply = node.script(called, part.at("params").as_object());
        if (!reply) reply = honest(node, called, part.at("params").as_object());
        error_code text;
        json::value body = json::parse(reply->body, text);
        results.push_back({{"code", reply->status}, {"body", text ? json::value(reply->body) : std::move(body)}});
        if (method == "sequence" && reply->status != 200) break;
      }
      return {200, json::serialize(json::object{{"results", std::move(results)}})};
    }
    if (!is_member(node)) return swarm_reply(node, 421);
    const AccountId account = AccountId::parse(params.at("pubkey").as_string());
    const std::int64_t ahead = params.contains("timestamp") ? params.at("timestamp").as_int64() - now(node) : 0;
    if (method == "store" ? ahead > 10'000 : std::abs(ahead) > 60'000)
      return {406, "timestamp too far from current time"};
    if (method == "store") {
      const auto data = from_base64(params.at("data").as_string());
      const auto ns = params.at("namespace").to_number<std::int16_t>();
      const std::string hash = keys::message_hash(account, ns, *data);
      const std::int64_t expiry = params.at("timestamp").as_int64() + params.at("ttl").as_int64();
      bool already = false;
      for (const auto& kept : node.kept) already |= kept.hash == hash;
      // Stored at every member, as the real relay does.
      for (std::size_t i : members)
        if (!already) nodes[i].kept.push_back({hash, to_base64(*data), params.at("timestamp").as_int64(), expiry});
      json::object entry{{"hash", hash}, {"expiry", expiry}, {"signature", to_base64(node.keys->sign(view(hash)))}};
      if (already) entry["already"] = true;
      return wrap(node, {{"hash", hash}, {"swarm", {{to_hex(node.contact.ed25519), entry}}}});
    }
    if (method == "retrieve") {
      json::array messages;
      const std::string_view last = params.at("last_hash").as_string();
      auto from = std::ranges::find_if(node.kept, [&](const auto& k) { return k.hash == last; });
      from = from == node.kept.end() ? node.kept.begin() : from + 1;
      for (; from != node.kept.end(); ++from)
        messages.push_back(
            {{"hash", from->hash}, {"data", from->data}, {"timestamp", from->timestamp}, {"expiration", from->expiry}});
      return wrap(node, {{"messages", std::move(messages)}, {"more", false}});
    }
    for (std::size_t i : members)
      for (const auto& hash : params.at("messages").as_array()) {
        if (method == "delete")
          std::erase_if(nodes[i].kept, [&](const auto& k) { return k.hash == std::string_view(hash.as_string()); });
        for (auto& kept : nodes[i].kept)
          if (method == "expire" && kept.hash == std::string_view(hash.as_string()))
            kept.expiry = params.at("expiry").as_int64();
      }
    const std::string named = account.text();
    std::vector<std::string> hashes;
    for (const auto& hash : params.at("messages").as_array()) hashes.emplace_back(hash.as_string());
    json::object entry;
    std::string text;
    if (method == "delete") {
      entry["deleted"] = json::array(hashes.begin(), hashes.end());
      text = to_sign::delete_reply(named, hashes, hashes);
    } else {
      const std::int64_t expiry[] = {params.at("expiry").as_int64()};
      entry["updated"] = json::array(hashes.begin(), hashes.end());
      entry["expiry"] = expiry[0];
      text = to_sign::expire_reply(named, expiry, hashes, hashes, {});
    }
    entry["signature"] = to_base64(node.keys->sign(view(text)));
    return wrap(node, {{"swarm", {{to_hex(node.contact.ed25519), entry}}}});
  }
  bool is_member(const FakeNode& node) const {
    for (std::size_t i : members)
      if (&nodes[i] == &node) return true;
    return false;
  }
  TestContext& ctx_;
};

/// Calls without HTTP.
class FakeCaller final : public NodeCaller {
 public:
  FakeCaller(TestContext& ctx, FakeNodes& nodes) : ctx_(ctx), nodes_(nodes) {}
  Task<Reply> call(ServiceNode node, std::string method, json::object params, Duration) override {
    co_await ctx_.sleep(std::chrono::milliseconds(10));
    co_return nodes_.answer(node.address(), method, params);
  }

 private:
  TestContext& ctx_;
  FakeNodes& nodes_;
};

class FakeDirectory final : public Directory {
 public:
  const std::vector<ServiceNode>& nodes() const override { return list; }
  std::uint64_t generation() const override { return generation_; }
  void bump() { ++generation_; }
  Task<> refresh() override {
    ++refreshes;
    if (!next.empty()) list = next, bump();
    co_return;
  }
  void offer(std::vector<ServiceNode> nodes) override {
    list = std::move(nodes);
    bump();
  }
  std::vector<ServiceNode> list, next;
  int refreshes = 0;

 private:
  std::uint64_t generation_ = 1;
};

}  // namespace argot::swarm::test
