// What encryption costs: the same store with and without a key.
#include "store.h"

#include <sdk/testing/bench.h>

#include <random>

namespace argot::sqlite {
namespace {

constexpr int batch = 100, pages = 10, searches = 10, rounds = 7, slices = 20, filling = 20'000;
constexpr double goal = 0.85;

/// One contender. Both get the same generator, so they do the same things.
class Contender {
 public:
  explicit Contender(std::unique_ptr<Store> store) : store_(std::move(store)) {
    for (int i = 0; i < 4000; ++i) {
      std::string word;
      for (auto n = 2 + random_() % 8; n > 0; --n) word.push_back(static_cast<char>('a' + random_() % 26));
      words_.push_back(std::move(word));
    }
    auto tx = store_->begin();
    for (int i = 0; i < 20; ++i) {
      StoredConversation conversation;
      conversation.id = account(i);
      tx->put(conversation);
    }
    tx->commit();
    for (int i = 0; i < filling / batch; ++i) insert_batch();
  }

  void insert_batch() {
    auto tx = store_->begin();
    for (int i = 0; i < batch; ++i) {
      StoredMessage m;
      m.conversation = m.author = account(static_cast<int>(random_() % 20));
      m.sent_at_ms = m.received_at_ms = now_ += 1 + static_cast<std::int64_t>(random_() % 1000);
      for (auto n = 3 + random_() % 25; n > 0; --n) m.text += word() + " ";
      m.hash = account(7).substr(0, 43);
      m.suite = "session";
      m.trace = Bytes(48, 1);
      tx->insert(m);
      tx->see(std::to_string(random_()) + m.hash, now_);
    }
    tx->put("swarm", "cursor", view(account(1)));
    tx->commit();
  }
  void read() {
    auto tx = store_->begin();
    for (int i = 0; i < pages; ++i) {
      MessageQuery query;
      query.conversation = account(static_cast<int>(random_() % 20));
      query.before = 1 + static_cast<MessageId>(random_() % filling);
      tx->messages(query);
    }
  }
  void search() {
    auto tx = store_->begin();
    for (int i = 0; i < searches; ++i) {
      MessageQuery query;
      query.match = word().substr(0, 4);
      if (i % 2) query.conversation = account(static_cast<int>(random_() % 20));
      tx->messages(query);
    }
  }

 private:
  /// Few words are common and most are rare, as in a language.
  const std::string& word() { return words_[words_.size() * (random_() % 1000) / 1000 * (random_() % 1000) / 1000]; }
  static std::string account(int i) { return "05" + std::string(62, 'a') + std::to_string(10 + i); }

  std::mt19937 random_{1};
  std::vector<std::string> words_;
  std::int64_t now_ = 1'700'000'000'000;
  std::unique_ptr<Store> store_;
};

std::vector<kit::Measure> encryption(const std::filesystem::path& scratch) {
  Secret key(32);
  Contender ours(open_store(scratch / "sealed", key)), plain(open_plain_store(scratch / "plain"));
  std::vector<kit::Measure> out;
  const auto compare = [&](std::string name, void (Contender::*run)(), int operations) {
    const auto times = kit::interleaved(rounds, slices, {[&] { (ours.*run)(); }, [&] { (plain.*run)(); }});
    out.push_back({std::move(name), times[0] / (slices * operations) * 1e6, times[1] / (slices * operations) * 1e6,
                   goal, "the same without a key"});
  };
  compare("insert, batches of 100", &Contender::insert_batch, batch);
  compare("read a page of 50", &Contender::read, pages);
  compare("search, newest 50", &Contender::search, searches);
  return out;
}

ARGOT_BENCH("storage/sqlite", encryption)

}  // namespace
}  // namespace argot::sqlite
