#include <kernel/messenger/chores.h>
#include <kernel/messenger/record.h>

namespace argot::kernel {
namespace {

constexpr std::string_view owner = "chores";
constexpr std::int64_t patience_ms = 15ll * 24 * 3600 * 1000;  // a day more than an envelope lives
struct ChoreField {
  enum : std::uint8_t { until = 1, forget = 2 };
};

void put(Transaction& tx, const std::string& hash, std::int64_t until_ms, std::int64_t now_ms) {
  if (hash.empty() || hash.size() > 128) return;
  RecordWriter out;
  out.number(ChoreField::until, until_ms);
  out.number(ChoreField::forget, now_ms + patience_ms);
  tx.put(owner, hash, out.take());
}

}  // namespace

void Chores::remove(Transaction& tx, const std::string& hash, std::int64_t now_ms) { put(tx, hash, 0, now_ms); }

void Chores::shorten(Transaction& tx, const std::string& hash, std::int64_t until_ms, std::int64_t now_ms) {
  put(tx, hash, until_ms, now_ms);
}

Chores::Work Chores::next() {
  Work out;
  const std::int64_t now_ms = to_ms(account_->ctx.now());
  std::vector<std::string> old;
  auto tx = account_->store().begin();
  for (const auto& [hash, value] : tx->scan(owner, "")) {
    std::int64_t until_ms = 0, forget_ms = 0;
    read_record(value, [&](std::uint8_t tag, ByteView v) {
      if (tag == ChoreField::until) until_ms = number_in(v);
      if (tag == ChoreField::forget) forget_ms = number_in(v);
    });
    if (until_ms <= now_ms) until_ms = 0;  // its time has come meanwhile
    if (forget_ms <= now_ms) {
      old.push_back(hash);
    } else if (out.hashes.empty() || (until_ms == out.until_ms && out.hashes.size() < most_at_once)) {
      out.until_ms = until_ms;
      out.hashes.push_back(hash);
    }
  }
  for (const std::string& hash : old) tx->erase(owner, hash);
  if (!old.empty()) tx->commit();
  return out;
}

void Chores::done(const std::vector<std::string>& hashes) {
  auto tx = account_->store().begin();
  for (const std::string& hash : hashes) tx->erase(owner, hash);
  tx->commit();
}

Task<> Chores::run() {
  auto self = shared_from_this();
  Context& ctx = account_->ctx;
  while (account_->open()) {
    std::optional<Duration> again;
    try {
      const Work work = next();
      if (!work.hashes.empty()) {
        Mailbox box{account_->id(), 0};
        std::vector<std::string> hashes = work.hashes;
        const Time until = from_ms(work.until_ms);
        {
          auto transport = transport_.lease();
          if (work.until_ms)
            co_await transport->expire(*account_->identity, box, std::move(hashes), until);
          else
            co_await transport->remove(*account_->identity, box, std::move(hashes));
        }
        if (!account_->open()) break;
        done(work.hashes);
        again = ctx.uptime();
      }
    } catch (...) {
      if (!account_->open()) break;
      ctx.debug("The mailbox of " + account_->id().brief() +
                " is not tidied yet: " + to_error(std::current_exception()).sentence());
      again = ctx.uptime() + delay;
    }
    co_await doorbell_.wait(again);
  }
}

}  // namespace argot::kernel
