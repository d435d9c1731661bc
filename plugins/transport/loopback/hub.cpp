#include "hub.h"

#include <charconv>

namespace argot::loopback {
namespace {

std::string cursor_text(std::uint64_t epoch, std::uint64_t number) {
  return std::to_string(epoch) + "-" + std::to_string(number);
}

/// The number in a cursor of this epoch; 0, which is before everything, for any other text.
std::uint64_t cursor_number(std::uint64_t epoch, std::string_view cursor) {
  std::uint64_t its_epoch = 0, number = 0;
  const char* end = cursor.data() + cursor.size();
  auto [dash, first_error] = std::from_chars(cursor.data(), end, its_epoch);
  if (first_error != std::errc() || dash == end || *dash != '-' || its_epoch != epoch) return 0;
  auto [rest, second_error] = std::from_chars(dash + 1, end, number);
  return second_error == std::errc() && rest == end ? number : 0;
}

}  // namespace

template <class Unwanted> void Hub::drop(Box& box, Unwanted unwanted) {
  std::erase_if(box.kept, [&](const Kept& kept) {
    if (!unwanted(kept)) return false;
    total_bytes_ -= kept.envelope.size();
    box.numbers.erase(kept.hash);
    return true;
  });
}

void Hub::drop_expired(Box& box, Time now) {
  drop(box, [now](const Kept& kept) { return kept.expires_at <= now; });
}

Hub::Kept* Hub::find(Box& box, const std::string& hash) {
  auto number = box.numbers.find(hash);
  if (number == box.numbers.end()) return nullptr;
  auto kept = std::lower_bound(box.kept.begin(), box.kept.end(), number->second,
                               [](const Kept& k, std::uint64_t n) { return k.number < n; });
  return &*kept;
}

StoreReceipt Hub::store(const Mailbox& mailbox, ByteView envelope, Time now, Duration ttl) {
  StoreReceipt receipt;
  receipt.hash = keys::message_hash(mailbox.account, mailbox.ns, envelope);
  receipt.stored_at = now;
  receipt.expires_at = now + ttl;
  receipt.route = {"loopback"};

  std::lock_guard hold(lock_);
  Box& box = boxes_[mailbox];
  if (Kept* kept = find(box, receipt.hash); kept && kept->expires_at > now) {  // as a node: the later expiry counts
    kept->expires_at = std::max(kept->expires_at, receipt.expires_at);
    receipt.stored_at = kept->stored_at;
    receipt.expires_at = kept->expires_at;
    receipt.already = true;
    return receipt;
  }
  if (box.kept.size() >= max_per_mailbox || total_bytes_ + envelope.size() > max_total_bytes) {
    for (auto& [name, each] : boxes_) drop_expired(each, now);
    if (box.kept.size() >= max_per_mailbox)
      throw Error(Code::resource_exhausted,
                  "The loopback mailbox of " + mailbox.account.brief() + " holds " + std::to_string(max_per_mailbox) +
                      " envelopes already.",
                  "Let its owner receive, or delete what has been received.");
    if (total_bytes_ + envelope.size() > max_total_bytes)
      throw Error(Code::resource_exhausted, "The loopback transport's mailboxes are full (512 MiB in all).",
                  "Let their owners receive, or use shorter times to live.");
  } else if (find(box, receipt.hash)) {
    drop_expired(box, now);
  }
  total_bytes_ += envelope.size();
  box.numbers[receipt.hash] = box.next;
  box.kept.push_back({box.next++, receipt.hash, to_bytes(envelope), now, receipt.expires_at});
  // Under the lock: a watcher cannot finish going away while its executor is in use here.
  if (auto found = watches_.find(mailbox); found != watches_.end())
    for (Watch* watch : found->second)
      asio::post(watch->executor_, [weak = std::weak_ptr<Doorbell>(watch->bell_)] {
        if (auto bell = weak.lock()) bell->ring();
      });
  return receipt;
}

Batch Hub::collect(const Mailbox& mailbox, const std::string& cursor, Time now) {
  Batch out;
  out.route = {"loopback"};
  std::uint64_t after = cursor_number(epoch_, cursor);
  std::lock_guard hold(lock_);
  if (auto found = boxes_.find(mailbox); found != boxes_.end()) {
    Box& box = found->second;
    auto next = std::upper_bound(box.kept.begin(), box.kept.end(), after,
                                 [](std::uint64_t n, const Kept& k) { return n < k.number; });
    std::size_t bytes = 0;
    for (; next != box.kept.end(); ++next) {
      if (out.deliveries.size() >= batch_count || bytes >= batch_bytes) {
        out.more = true;
        break;
      }
      after = next->number;
      if (next->expires_at <= now) continue;
      bytes += next->envelope.size();
      out.deliveries.push_back({next->hash, next->envelope, next->stored_at, next->expires_at});
    }
  }
  out.cursor = cursor_text(epoch_, after);
  return out;
}

void Hub::remove(const Mailbox& mailbox, const std::vector<std::string>& hashes) {
  std::lock_guard hold(lock_);
  auto found = boxes_.find(mailbox);
  if (found == boxes_.end()) return;
  std::set<std::string_view> unwanted(hashes.begin(), hashes.end());
  drop(found->second, [&](const Kept& kept) { return unwanted.contains(kept.hash); });
}

void Hub::expire(const Mailbox& mailbox, const std::vector<std::string>& hashes, Time at) {
  std::lock_guard hold(lock_);
  auto found = boxes_.find(mailbox);
  if (found == boxes_.end()) return;
  for (const std::string& hash : hashes)
    if (Kept* kept = find(found->second, hash)) kept->expires_at = at;
}

// --- files ---

KeptFile Hub::described(const std::string& id, const File& file) {
  KeptFile out;
  out.url = "http://loopback/file/" + id;
  out.size = file.bytes->size();
  out.uploaded_at = file.uploaded_at;
  out.expires_at = file.expires_at;
  return out;
}

void Hub::drop_expired_files(Time now) {
  std::erase_if(files_, [&](const auto& each) {
    if (each.second.expires_at > now) return false;
    total_bytes_ -= each.second.bytes->size();
    return true;
  });
}

Hub::File* Hub::find_file(const std::string& id, Time now) {
  auto found = files_.find(id);
  return found == files_.end() || found->second.expires_at <= now ? nullptr : &found->second;
}

KeptFile Hub::put(std::shared_ptr<const Bytes> file, Time now, Duration ttl) {
  const std::string id = to_hex(keys::blake2b(33, *file));
  std::lock_guard hold(lock_);
  drop_expired_files(now);
  File* kept = find_file(id, now);
  if (!kept) {
    if (total_bytes_ + file->size() > max_total_bytes)
      throw Error(Code::resource_exhausted, "The loopback transport is full (512 MiB in all).",
                  "Let mailboxes be emptied, or wait until files expire.");
    total_bytes_ += file->size();
    kept = &files_[id];
    kept->bytes = std::move(file);
    kept->uploaded_at = now;
  }
  kept->expires_at = std::max(kept->expires_at, now + ttl);
  return described(id, *kept);
}

std::shared_ptr<const Bytes> Hub::file(const std::string& id, Time now) {
  std::lock_guard hold(lock_);
  const File* kept = find_file(id, now);
  return kept ? kept->bytes : nullptr;
}

std::optional<KeptFile> Hub::info(const std::string& id, Time now) {
  std::lock_guard hold(lock_);
  const File* kept = find_file(id, now);
  if (!kept) return std::nullopt;
  return described(id, *kept);
}

std::optional<KeptFile> Hub::extend(const std::string& id, Time now, Duration ttl) {
  std::lock_guard hold(lock_);
  File* kept = find_file(id, now);
  if (!kept) return std::nullopt;
  kept->expires_at = std::max(kept->expires_at, now + ttl);
  return described(id, *kept);
}

Hub::Watch::Watch(std::shared_ptr<Hub> hub, Context& ctx, const Mailbox& mailbox)
    : hub_(std::move(hub)), mailbox_(mailbox), executor_(ctx.executor()), bell_(std::make_shared<Doorbell>(ctx)) {
  std::lock_guard hold(hub_->lock_);
  auto& list = hub_->watches_[mailbox_];
  at_ = list.insert(list.end(), this);
}

Hub::Watch::~Watch() {
  std::lock_guard hold(hub_->lock_);
  auto found = hub_->watches_.find(mailbox_);
  found->second.erase(at_);
  if (found->second.empty()) hub_->watches_.erase(found);
}

std::size_t Hub::watches() const {
  std::lock_guard hold(lock_);
  std::size_t count = 0;
  for (const auto& [mailbox, list] : watches_) count += list.size();
  return count;
}

}  // namespace argot::loopback
