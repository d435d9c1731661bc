#pragma once
// A suite and a storage that say whose time it is, around those of plugins.
#include "meter.h"

#include <argot/storage.h>
#include <argot/suite.h>

namespace argot::bench {

class TimedSuite final : public Suite {
 public:
  explicit TimedSuite(Suite& inner) : inner_(inner) {}
  SuiteTraits traits() const override { return inner_.traits(); }
  bool claims(ByteView envelope) const override { return inner_.claims(envelope); }
  Task<> prepare(const Identity& self, AccountId peer) override { return inner_.prepare(self, peer); }
  Bytes seal(const Identity& self, const AccountId& peer, ByteView content, std::uint64_t at,
             SuiteState& state) override {
    Meter::Scope scope(Part::crypto);
    return inner_.seal(self, peer, content, at, state);
  }
  Opened open(const Identity& self, ByteView envelope, SuiteState& state) override {
    Meter::Scope scope(Part::crypto);
    return inner_.open(self, envelope, state);
  }

 private:
  Suite& inner_;
};

class TimedTransaction final : public Transaction {
 public:
  explicit TimedTransaction(std::unique_ptr<Transaction> inner) : inner_(std::move(inner)) {}
  ~TimedTransaction() override {
    Meter::Scope scope(Part::database);
    inner_.reset();
  }
  std::optional<MessageId> insert(const StoredMessage& m) override {
    return in([&] { return inner_->insert(m); });
  }
  void update(const StoredMessage& m) override {
    in([&] { inner_->update(m); });
  }
  std::optional<StoredMessage> message(MessageId id) override {
    return in([&] { return inner_->message(id); });
  }
  std::optional<StoredMessage> message(std::string_view author, std::int64_t at) override {
    return in([&] { return inner_->message(author, at); });
  }
  std::vector<MessageId> expired(std::int64_t now, std::size_t limit) override {
    return in([&] { return inner_->expired(now, limit); });
  }
  std::optional<std::int64_t> next_expiry_ms() override {
    return in([&] { return inner_->next_expiry_ms(); });
  }
  std::vector<StoredMessage> messages(const MessageQuery& q) override {
    return in([&] { return inner_->messages(q); });
  }
  void erase_message(MessageId id) override {
    in([&] { inner_->erase_message(id); });
  }
  void put(const StoredConversation& c) override {
    in([&] { inner_->put(c); });
  }
  std::optional<StoredConversation> conversation(std::string_view id) override {
    return in([&] { return inner_->conversation(id); });
  }
  std::vector<StoredConversation> conversations() override {
    return in([&] { return inner_->conversations(); });
  }
  void put(const OutboxEntry& e) override {
    in([&] { inner_->put(e); });
  }
  void erase_outbox(MessageId m) override {
    in([&] { inner_->erase_outbox(m); });
  }
  std::vector<OutboxEntry> due(std::int64_t now, std::size_t limit) override {
    return in([&] { return inner_->due(now, limit); });
  }
  std::optional<std::int64_t> next_due_ms() override {
    return in([&] { return inner_->next_due_ms(); });
  }
  bool see(std::string_view hash, std::int64_t at) override {
    return in([&] { return inner_->see(hash, at); });
  }
  void forget_seen(std::int64_t before) override {
    in([&] { inner_->forget_seen(before); });
  }
  std::optional<Bytes> get(std::string_view owner, std::string_view key) override {
    return in([&] { return inner_->get(owner, key); });
  }
  void put(std::string_view owner, std::string_view key, ByteView value) override {
    in([&] { inner_->put(owner, key, value); });
  }
  void erase(std::string_view owner, std::string_view key) override {
    in([&] { inner_->erase(owner, key); });
  }
  std::vector<std::pair<std::string, Bytes>> scan(std::string_view owner, std::string_view prefix) override {
    return in([&] { return inner_->scan(owner, prefix); });
  }
  void clear() override {
    in([&] { inner_->clear(); });
  }
  void commit() override {
    in([&] { inner_->commit(); });
  }

 private:
  template <class F> std::invoke_result_t<F> in(F f) {
    Meter::Scope scope(Part::database);
    return f();
  }
  std::unique_ptr<Transaction> inner_;
};

class TimedStore final : public Store {
 public:
  explicit TimedStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}
  std::unique_ptr<Transaction> begin() override {
    Meter::Scope scope(Part::database);
    return std::make_unique<TimedTransaction>(inner_->begin());
  }
  std::vector<std::string> owners() override { return inner_->owners(); }
  std::vector<OutboxEntry> outbox() override { return inner_->outbox(); }
  std::vector<std::pair<std::string, std::int64_t>> seen() override { return inner_->seen(); }

 private:
  std::unique_ptr<Store> inner_;
};

class TimedStorage final : public Storage {
 public:
  explicit TimedStorage(Storage& inner) : inner_(inner) {}
  Task<std::unique_ptr<Store>> open(OpenStore request) override {
    std::unique_ptr<Store> store = co_await inner_.open(std::move(request));
    std::unique_ptr<Store> timed = std::make_unique<TimedStore>(std::move(store));
    co_return timed;
  }
  bool exists(const std::filesystem::path& path) override { return inner_.exists(path); }

 private:
  Storage& inner_;
};

}  // namespace argot::bench
