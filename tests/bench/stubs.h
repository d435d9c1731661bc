#pragma once
// A suite, a transport and a storage that do nothing but keep bytes: what remains is the way of a message through the
// kernel. Their own time counts as Part::stub, and so do the allocations of what they hand over.
#include "meter.h"

#include <argot/doorbell.h>
#include <argot/storage.h>
#include <argot/suite.h>
#include <argot/transport.h>

#include <deque>
#include <map>

namespace argot::bench {

class StubSuite final : public Suite {
 public:
  explicit StubSuite(AccountId sender) : sender_(sender) {}
  SuiteTraits traits() const override { return {}; }
  bool claims(ByteView) const override { return true; }
  Bytes seal(const Identity&, const AccountId&, ByteView content, std::uint64_t, SuiteState&) override {
    Meter::Scope scope(Part::stub);
    return to_bytes(content);
  }
  Opened open(const Identity&, ByteView envelope, SuiteState&) override {
    Meter::Scope scope(Part::stub);
    Opened out;
    out.sender = sender_;
    out.content = to_bytes(envelope);
    return out;
  }

 private:
  AccountId sender_;  ///< of everything that is opened
};

struct StubSuiteState final : SuiteState {
  std::optional<Bytes> get(std::string_view) override { return std::nullopt; }
  void put(std::string_view, ByteView) override {}
  void erase(std::string_view) override {}
};

/// Delivers what is stored, to whomever, to whoever receives.
class StubTransport final : public Transport {
 public:
  explicit StubTransport(Context& ctx) : bell_(ctx) {}
  TransportTraits traits() const override { return {}; }
  Task<StoreReceipt> store(StoreRequest request) override {
    StoreReceipt receipt;
    {
      Meter::Scope scope(Part::stub);
      Delivery delivery;
      delivery.hash = receipt.hash = std::to_string(++count_);
      delivery.envelope = to_bytes(request.envelope);
      waiting_.push_back(std::move(delivery));
      bell_.ring();
    }
    co_return receipt;
  }
  Task<Batch> receive(ReceiveRequest) override {
    while (waiting_.empty()) co_await bell_.wait(std::nullopt);
    Batch batch;
    {
      Meter::Scope scope(Part::stub);
      batch.deliveries.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
      waiting_.clear();
    }
    co_return batch;
  }
  Task<> remove(const Identity&, Mailbox, std::vector<std::string>) override { co_return; }
  Task<> expire(const Identity&, Mailbox, std::vector<std::string>, Time) override { co_return; }

 private:
  Doorbell bell_;
  std::deque<Delivery> waiting_;
  std::uint64_t count_ = 0;
};

/// Keeps what is under way and the rows that are asked for again.
class StubStore final : public Store {
 public:
  std::unique_ptr<Transaction> begin() override;
  std::vector<std::string> owners() override { return {}; }
  std::vector<OutboxEntry> outbox() override { return {}; }
  std::vector<std::pair<std::string, std::int64_t>> seen() override { return {}; }
  void forget_messages() { messages_.clear(); }

 private:
  friend class StubTransaction;
  std::map<MessageId, StoredMessage> messages_;
  std::map<MessageId, OutboxEntry> outbox_;
  std::map<std::string, StoredConversation, std::less<>> conversations_;
  std::map<std::string, Bytes, std::less<>> values_;
  MessageId last_ = 0;
};

class StubTransaction final : public Transaction {
 public:
  explicit StubTransaction(StubStore& store) : store_(store) {}
  std::optional<MessageId> insert(const StoredMessage& m) override {
    Meter::Scope scope(Part::stub);
    store_.messages_[++store_.last_] = m;
    return store_.messages_[store_.last_].id = store_.last_;
  }
  void update(const StoredMessage& m) override {
    Meter::Scope scope(Part::stub);
    store_.messages_[m.id] = m;
  }
  std::optional<StoredMessage> message(MessageId id) override {
    Meter::Scope scope(Part::stub);
    const auto found = store_.messages_.find(id);
    return found == store_.messages_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<StoredMessage> message(std::string_view, std::int64_t) override { return std::nullopt; }
  std::vector<MessageId> expired(std::int64_t, std::size_t) override { return {}; }
  std::optional<std::int64_t> next_expiry_ms() override { return std::nullopt; }
  std::vector<StoredMessage> messages(const MessageQuery&) override { return {}; }
  void erase_message(MessageId) override {}
  void put(const StoredConversation& c) override {
    Meter::Scope scope(Part::stub);
    store_.conversations_[c.id] = c;
  }
  std::optional<StoredConversation> conversation(std::string_view id) override {
    Meter::Scope scope(Part::stub);
    const auto found = store_.conversations_.find(id);
    return found == store_.conversations_.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<StoredConversation> conversations() override { return {}; }
  void put(const OutboxEntry& e) override {
    Meter::Scope scope(Part::stub);
    store_.outbox_[e.message] = e;
  }
  void erase_outbox(MessageId m) override {
    Meter::Scope scope(Part::stub);
    store_.outbox_.erase(m);
  }
  std::vector<OutboxEntry> due(std::int64_t, std::size_t limit) override {
    Meter::Scope scope(Part::stub);
    std::vector<OutboxEntry> out;
    for (auto& [id, entry] : store_.outbox_)
      if (out.size() < limit) out.push_back(entry);
    return out;
  }
  std::optional<std::int64_t> next_due_ms() override { return std::nullopt; }
  bool see(std::string_view, std::int64_t) override { return true; }
  void forget_seen(std::int64_t) override {}
  std::optional<Bytes> get(std::string_view, std::string_view key) override {
    Meter::Scope scope(Part::stub);
    const auto found = store_.values_.find(key);
    return found == store_.values_.end() ? std::nullopt : std::optional(found->second);
  }
  void put(std::string_view, std::string_view key, ByteView value) override {
    Meter::Scope scope(Part::stub);
    store_.values_.insert_or_assign(std::string(key), to_bytes(value));
  }
  void erase(std::string_view, std::string_view) override {}
  std::vector<std::pair<std::string, Bytes>> scan(std::string_view, std::string_view) override { return {}; }
  void clear() override {}
  void commit() override {}

 private:
  StubStore& store_;
};

inline std::unique_ptr<Transaction> StubStore::begin() {
  Meter::Scope scope(Part::stub);
  return std::make_unique<StubTransaction>(*this);
}

class StubStorage final : public Storage {
 public:
  Task<std::unique_ptr<Store>> open(OpenStore) override {
    auto made = std::make_unique<StubStore>();
    store = made.get();
    std::unique_ptr<Store> out = std::move(made);
    co_return out;
  }
  bool exists(const std::filesystem::path&) override { return false; }
  StubStore* store = nullptr;  ///< the last one opened
};

}  // namespace argot::bench
