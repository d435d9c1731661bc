#pragma once
// Messages on their way in: what the transport delivers is opened and written, content, suite state and cursor in
// one transaction per batch, and only then told. A crash before the commit delivers the batch again.
#include <kernel/messenger/changes.h>
#include <kernel/messenger/suites.h>

namespace argot::kernel {

class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  static constexpr Duration longest_wait = std::chrono::seconds(20);  ///< of one receive()
  static constexpr Duration first_delay = std::chrono::milliseconds(500), longest_delay = std::chrono::seconds(60);

  Inbox(std::shared_ptr<Account> account, Suites& suites, Handle<Transport> transport);
  /// Until the account closes. Call once.
  Task<> run();
  /// Ends the receive() under way: the transport is being swapped, or the account closes.
  void interrupt();
  /// Called when the transport has an answer after it had none. Set it before run().
  void on_recovery(std::function<void()> f) { recovered_ = std::move(f); }

 private:
  Task<Batch> receive();
  void accept(const Batch& batch);
  void open(Transaction& tx, const Delivery& delivery, const Batch& batch, Changes& changes);
  void open(Transaction& tx, const Handle<Suite>& with, const Delivery& delivery, const Route& route, Changes& changes);
  /// Gives what no suite has claimed to those that have come since.
  void open_unclaimed();
  void tell(Changes& changes);
  void take(Transaction& tx, const Opened& opened, const Delivery& delivery, const Route& route,
            const std::string& suite, Changes& changes);

  std::shared_ptr<Account> account_;
  Suites& suites_;
  Handle<Transport> transport_;
  std::shared_ptr<asio::cancellation_signal> cancel_ = std::make_shared<asio::cancellation_signal>();
  std::string provider_;  // whose cursor it is: another transport starts from the beginning
  std::string cursor_;
  std::function<void()> recovered_;
  std::uint64_t batches_ = 0;
  std::vector<std::string> tried_;  // the suites that were asked for what nobody had claimed
};

}  // namespace argot::kernel
