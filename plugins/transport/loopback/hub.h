// The mailboxes that all kernels of one process (or one simulation) share. Kernels may run on different threads, so
// this is locked; it outlives every kernel, so it knows kernels only through what their waiting coroutines lend it.
#pragma once
#include <argot/doorbell.h>
#include <argot/file_store.h>
#include <argot/transport.h>

#include <deque>
#include <list>
#include <mutex>

namespace argot::loopback {

inline constexpr std::size_t max_envelope = 76'800;  // as service nodes: a message fits both or neither
inline constexpr std::size_t max_per_mailbox = 10'000;
inline constexpr std::size_t max_total_bytes = 512ull << 20;
inline constexpr std::size_t batch_count = 256, batch_bytes = 4 << 20;
inline constexpr std::uint64_t max_file = 10 * 1024 * 1024;
inline constexpr Duration file_ttl = std::chrono::hours(24 * 14);
inline constexpr Duration max_ttl = std::chrono::hours(24 * 30);

class Hub : public std::enable_shared_from_this<Hub> {
 public:
  /// `epoch` tells this hub's sequence numbers from those of another one.
  explicit Hub(std::uint64_t epoch) : epoch_(epoch) {}

  /// Throws Error(resource_exhausted) when the mailbox or the whole hub is full.
  StoreReceipt store(const Mailbox& mailbox, ByteView envelope, Time now, Duration ttl);
  /// What came after `cursor`, oldest first. A cursor of another hub, or no cursor at all: from the start.
  Batch collect(const Mailbox& mailbox, const std::string& cursor, Time now);
  void remove(const Mailbox& mailbox, const std::vector<std::string>& hashes);
  void expire(const Mailbox& mailbox, const std::vector<std::string>& hashes, Time at);

  // --- files: named after their content, so that the same bytes are one file ---
  /// Throws Error(resource_exhausted) when the hub is full.
  KeptFile put(std::shared_ptr<const Bytes> file, Time now, Duration ttl);
  /// Null: there is no such file any more.
  std::shared_ptr<const Bytes> file(const std::string& id, Time now);
  std::optional<KeptFile> info(const std::string& id, Time now);
  std::optional<KeptFile> extend(const std::string& id, Time now, Duration ttl);

  /// Rings a bell on its own loop whenever something comes into the mailbox, as long as the Watch lives. It lives in
  /// the frame of the coroutine that waits: when a kernel is destroyed, so are its frames, and nothing here points to
  /// it.
  class Watch {
   public:
    Watch(std::shared_ptr<Hub> hub, Context& ctx, const Mailbox& mailbox);
    ~Watch();
    Watch(const Watch&) = delete;
    Task<> wait(Duration until) { return bell_->wait(until); }

   private:
    friend class Hub;
    std::shared_ptr<Hub> hub_;
    Mailbox mailbox_;
    asio::any_io_executor executor_;
    std::shared_ptr<Doorbell> bell_;
    std::list<Watch*>::iterator at_;
  };
  std::size_t watches() const;

 private:
  struct Kept {
    std::uint64_t number;
    std::string hash;
    Bytes envelope;
    Time stored_at, expires_at;
  };
  struct Box {
    std::deque<Kept> kept;
    std::map<std::string, std::uint64_t, std::less<>> numbers;  // by hash
    std::uint64_t next = 1;
  };
  struct File {
    std::shared_ptr<const Bytes> bytes;
    Time uploaded_at, expires_at;
  };
  static KeptFile described(const std::string& id, const File& file);
  File* find_file(const std::string& id, Time now);
  void drop_expired_files(Time now);
  void drop_expired(Box& box, Time now);
  template <class Unwanted> void drop(Box& box, Unwanted unwanted);
  Kept* find(Box& box, const std::string& hash);

  mutable std::mutex lock_;
  const std::uint64_t epoch_;
  std::map<Mailbox, Box> boxes_;
  std::map<std::string, File> files_;
  std::size_t total_bytes_ = 0;
  std::map<Mailbox, std::list<Watch*>> watches_;
};

}  // namespace argot::loopback
