// Promises about conversations, outbox, envelopes seen and small values.
#include "storage_scene.h"

#include <algorithm>

namespace argot::kit {
namespace {

Task<> conversations(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  StoredConversation c = plain_conversation(1);
  c.name = "Zoë 🦓";
  c.approved = true;
  c.blocked = true;
  c.last_active_ms = 20;
  c.unread = 3;
  c.last_message = 9;
  c.extra = {0, 1, 0};
  tx->put(c);
  auto found = tx->conversation(c.id);
  finding.expect(found && found->name == c.name && found->approved && found->blocked && found->last_active_ms == 20 &&
                     found->unread == 3 && found->last_message == 9 && found->extra == c.extra && found->id == c.id,
                 "a conversation as it was written");
  finding.expect(!tx->conversation(account_id(5)).has_value(), "nothing for a conversation that is not there");
  for (auto [number, active] : {std::pair(2, 30), std::pair(3, 10)}) {
    c = plain_conversation(number);
    c.last_active_ms = active;
    tx->put(c);
  }
  const auto order = [&] {
    std::string out;
    for (auto& one : tx->conversations()) out += one.id.substr(2, 1);
    return out;
  };
  finding.expect(order() == "213", "the most recently active first");
  c.last_active_ms = 40;
  tx->put(c);
  finding.expect(order() == "321", "a second put to replace the first");
}

OutboxEntry entry_of(MessageId message, std::int64_t at) {
  OutboxEntry out;
  out.message = message;
  out.mailbox = account_id(1);
  out.ns = -11;
  out.envelope = {0, 200, 0};
  out.suite = "session";
  out.ttl_ms = 1'209'600'000;
  out.attempts = 3;
  out.next_attempt_ms = at;
  return out;
}

Task<> outbox(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  finding.expect(!tx->next_due_ms().has_value(), "no next time for an empty outbox");
  tx->put(plain_conversation(0));
  std::vector<MessageId> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(tx->insert(plain_message(1000 + i, "out")).value());
  const std::int64_t at[] = {500, 100, 300, 200};
  for (int i : {2, 0, 3, 1}) tx->put(entry_of(ids[static_cast<std::size_t>(i)], at[i]));
  const auto due = [&](std::int64_t now, std::size_t limit) {
    std::vector<MessageId> out;
    for (auto& e : tx->due(now, limit)) out.push_back(e.message);
    return out;
  };
  finding.expect(due(99, 10).empty(), "nothing before its time");
  finding.expect(due(100, 10) == std::vector{ids[1]}, "an entry at its very time");
  finding.expect(due(400, 10) == std::vector{ids[1], ids[2], ids[3]}, "what is due, oldest message first");
  finding.expect(due(9999, 2) == std::vector{ids[0], ids[1]}, "no more than the limit, oldest message first");
  finding.expect(tx->next_due_ms() == 100, "the time of the next entry");
  const auto e = tx->due(100, 1).at(0);
  finding.expect(e.mailbox == account_id(1) && e.ns == -11 && e.envelope == Bytes({0, 200, 0}) &&
                     e.suite == "session" && e.ttl_ms == 1'209'600'000 && e.attempts == 3 && e.next_attempt_ms == 100,
                 "an entry as it was written");
  tx->put(entry_of(ids[1], 700));
  finding.expect(tx->next_due_ms() == 200, "a second put to replace the first");
  tx->erase_outbox(ids[3]);
  finding.expect(tx->next_due_ms() == 300 && due(9999, 10) == std::vector{ids[0], ids[1], ids[2]},
                 "an erased entry to be gone");
}

Task<> seen(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  finding.expect(tx->see("one", 100), "a new hash to be new");
  finding.expect(!tx->see("one", 100), "a known hash to be known");
  finding.expect(tx->see("two", 200) && tx->see("ONE", 300), "other hashes to be new");
  tx->forget_seen(100);
  finding.expect(!tx->see("one", 100), "a hash to be known until it expires");
  tx->forget_seen(150);
  finding.expect(tx->see("one", 100), "an expired hash to be new again");
  finding.expect(!tx->see("two", 200), "a hash that has not expired to stay");
}

Task<> small_values(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  const std::string binary("\0\xff\0key", 6);
  tx->put("a", binary, view("one"));
  tx->put("b", binary, view("two"));
  tx->put("a", "empty", {});
  const Bytes large(3'000'000, 0x5A);
  tx->put("a", "large", large);
  finding.expect(tx->get("a", binary) == to_bytes(view("one")) && tx->get("b", binary) == to_bytes(view("two")),
                 "owners to be apart");
  finding.expect(tx->get("a", "empty") == Bytes(), "an empty value to be there");
  finding.expect(!tx->get("a", "none").has_value() && !tx->get("c", "empty").has_value(),
                 "nothing where nothing was put");
  finding.expect(tx->get("a", "large") == large, "3 MB to come back");
  tx->put("a", binary, view("three"));
  finding.expect(tx->get("a", binary) == to_bytes(view("three")), "a second put to replace the first");
  tx->put("a", "", view("no key"));
  finding.expect(tx->get("a", "") == to_bytes(view("no key")), "an empty key to be a key");
  tx->erase("a", binary);
  tx->erase("a", "none");
  finding.expect(!tx->get("a", binary).has_value() && tx->get("b", binary).has_value(),
                 "only what was erased to be gone");
}

Task<> scanning(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  std::map<std::string, Bytes> model;  // std::string compares bytes as unsigned
  for (int i = 0; i < 300; ++i) {
    std::string key;
    for (std::size_t n = scene.below(4); n > 0; --n)
      key.push_back(
          "\0\x01"
          "az\x7f\x80\xfe\xff"[scene.below(8)]);
    const Bytes value(scene.below(3), static_cast<Byte>(i));
    model[key] = value;
    tx->put("mine", key, value);
    tx->put("mine2", key + "x", value);
    tx->put("min", key + "y", value);
  }
  for (const std::string& prefix : {std::string(), std::string("a"), std::string("\0", 1), std::string("\xff"),
                                    std::string("\xff\xff"), std::string("\x7f\x80"), std::string("none")}) {
    std::vector<std::pair<std::string, Bytes>> expected;
    for (auto& [key, value] : model)
      if (key.starts_with(prefix)) expected.emplace_back(key, value);
    finding.expect(tx->scan("mine", prefix) == expected,
                   "every key that begins with 0x" + to_hex(view(prefix)) + ", in order of its bytes");
  }
}

Task<> listing(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  finding.expect(store->owners().empty() && store->outbox().empty() && store->seen().empty(), "nothing in a new store");
  furnish(*store);
  auto owners = store->owners();
  std::sort(owners.begin(), owners.end());
  finding.expect(owners == std::vector<std::string>{"cursor", "suite"}, "every owner once");
  finding.expect(store->outbox().size() == 5, "every outbox entry");
  auto hashes = store->seen();
  std::sort(hashes.begin(), hashes.end());
  finding.expect(hashes == std::vector<std::pair<std::string, std::int64_t>>{{"hash one", 5000}, {"hash two", 6000}},
                 "every hash with its expiry");
}

Task<> clearing(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  furnish(*store);
  auto tx = store->begin();
  tx->clear();
  finding.expect(
      tx->messages({}).empty() && tx->conversations().empty() && !tx->next_due_ms() && !tx->conversation(account_id(0)),
      "no message, conversation or outbox entry");
  tx->commit();
  finding.expect(contents_of(*store).empty(), "nothing at all");
  furnish(*store);
  finding.expect(store->outbox().size() == 5, "the store to be usable again");
}

}  // namespace

StorageChecks storage_table_checks() {
  return {{"conversations come back, most recently active first", conversations},
          {"the outbox gives what is due, oldest message first", outbox},
          {"a hash is seen once until it expires", seen},
          {"small values are kept by owner and key, empty, binary or large", small_values},
          {"a scan gives keys in order of their bytes", scanning},
          {"owners, outbox and hashes are listed completely", listing},
          {"clear removes everything", clearing}};
}

}  // namespace argot::kit
