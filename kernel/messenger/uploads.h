#pragma once
// Files on their way out: made fit to send, encrypted, uploaded, and then pointed to by their message, which joins the
// outbox only when all its files are there. One file at a time.
//
// What is left to do is kept in the store ("files/…"), so it goes on after a restart: a file whose pointer is in the
// message's content already is not uploaded again.
#include <kernel/messenger/account.h>
#include <kernel/messenger/outbox.h>

#include <argot/doorbell.h>
#include <argot/file_cipher.h>
#include <argot/file_store.h>

#include <boost/asio/cancellation_signal.hpp>

namespace argot::kernel {

class Uploads : public std::enable_shared_from_this<Uploads> {
 public:
  static constexpr std::size_t most_files = 32;

  Uploads(std::shared_ptr<Account> account, std::shared_ptr<Outbox> outbox)
      : account_(std::move(account)), outbox_(std::move(outbox)), doorbell_(account_->ctx) {}

  /// Looks at the files of a draft: names, types, sizes, times of change; throws Error when one cannot be sent. Gives
  /// what the message's content says of them until they are uploaded.
  static std::vector<Attachment> check(Context& ctx, std::vector<DraftFile>& files);
  /// Writes down what is to be uploaded for a message that has just been inserted.
  static void put(Transaction& tx, const StoredMessage& message, std::vector<DraftFile> files, std::int64_t ttl_ms);
  static bool waits(Transaction& tx, MessageId message);
  /// The message is gone, or has gone out.
  static void forget(Transaction& tx, MessageId message);

  /// Until the account closes. Call once.
  Task<> run();
  /// Something new waits, or nothing is to be done any more.
  void wake();
  /// Ends an upload of this message that is under way.
  void cancel(MessageId message);
  /// The network answers again.
  void hurry();

 private:
  struct Job;
  /// The next message that waits and is due; and when to look again.
  std::optional<Job> next(std::optional<Duration>& look_again);
  Task<> work(Job job);
  Task<> upload(Job job, std::size_t index);
  void failed(const Job& job, const Error& error);
  /// All files are there: it may go.
  void finish(const Job& job);

  struct Pause {
    int attempts = 0;
    Duration until{};
  };
  std::shared_ptr<Account> account_;
  std::shared_ptr<Outbox> outbox_;
  Doorbell doorbell_;
  std::map<MessageId, Pause> pauses_;
  MessageId current_ = 0;
  std::shared_ptr<asio::cancellation_signal> cancel_;
};

/// How a file of a message moves, told to whoever subscribed.
void tell_transfer(Account& account, MessageId message, const std::string& conversation, FileTransfer transfer);
/// Wraps that: as often as somebody can see a difference.
FileProgress watch_transfer(std::shared_ptr<Account> account, MessageId message, std::string conversation,
                            std::size_t index, bool upload);

/// Downloads, checks, decrypts and writes a file; `to` appears when it is whole.
Task<> fetch_file(std::shared_ptr<Account> account, Attachment pointer, std::filesystem::path to,
                  FileProgress progress);

}  // namespace argot::kernel
