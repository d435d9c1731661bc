#pragma once
// The messenger's own parts; outside this folder only messenger.h is used.
#include <kernel/messenger/chores.h>
#include <kernel/messenger/expiry.h>
#include <kernel/messenger/inbox.h>
#include <kernel/messenger/marks.h>
#include <kernel/messenger/messenger.h>
#include <kernel/messenger/outbox.h>
#include <kernel/messenger/shelf.h>
#include <kernel/messenger/uploads.h>

namespace argot::kernel {

class MessengerImpl final : public PluginOf<Messenger> {
 public:
  static constexpr std::size_t longest_text = 2000;                ///< code points (client/envelope.md section 7.1)
  static constexpr std::int64_t ttl_ms = 14ll * 24 * 3600 * 1000;  ///< of a visible message (section 6)

  explicit MessengerImpl(OnSwap on_swap) : on_swap_(std::move(on_swap)) {}

  Task<> start(Context& ctx) override;
  Task<> stop() override;

  std::vector<AccountInfo> accounts() override;
  Task<AccountInfo> create_account(std::string passphrase, std::string* phrase_out) override;
  Task<AccountInfo> restore_account(std::string phrase, std::string passphrase) override;
  Task<AccountInfo> unlock(AccountId account, std::string passphrase) override;
  Task<> lock(AccountId account) override;
  std::string recovery_phrase(const AccountId& account) override;

  MessageId send(const AccountId& account, const AccountId& peer, Draft draft) override;
  void retry(const AccountId& account, MessageId message) override;
  std::size_t waiting(const AccountId& account) override { return running(account).outbox->waiting(); }
  std::optional<Message> find(const AccountId& account, MessageId message) override;
  std::vector<Message> history(const AccountId& account, const HistoryQuery& query) override;
  std::vector<Conversation> conversations(const AccountId& account) override;
  void set_nickname(const AccountId& account, const AccountId& peer, std::string name) override;
  void block(const AccountId& account, const AccountId& peer, bool blocked) override;
  void mark_read(const AccountId& account, MessageId up_to) override;
  Task<> download(AccountId account, MessageId message, std::size_t index, std::filesystem::path to) override;
  void edit(const AccountId& account, MessageId message, std::string text) override;
  void react(const AccountId& account, MessageId message, std::string emoji, bool add) override;
  void unsend(const AccountId& account, MessageId message) override;
  void erase(const AccountId& account, MessageId message) override;
  void set_disappearing(const AccountId& account, const AccountId& peer, Disappearing timer) override;
  void accept(const AccountId& account, const AccountId& peer) override;
  void decline(const AccountId& account, const AccountId& peer) override;
  void set_typing(const AccountId& account, const AccountId& peer, bool started) override;
  void tell_screenshot(const AccountId& account, const AccountId& peer) override;
  void set_keeping(const AccountId& account, const AccountId& peer, Keeping keeping) override;
  std::string verification(const AccountId& account, const AccountId& peer) override;
  std::string profile_name(const AccountId& account) override;
  void set_profile_name(const AccountId& account, std::string name) override;
  Privacy privacy(const AccountId& account) override;
  void set_privacy(const AccountId& account, Privacy privacy) override;
  std::vector<TraceStep> trace(const AccountId& account, MessageId message) override;
  Subscription subscribe(std::function<void(const Event&)> on_event) override;

 private:
  struct Running {
    std::shared_ptr<Account> account;
    std::shared_ptr<Outbox> outbox;
    std::shared_ptr<Uploads> uploads;
    std::shared_ptr<Inbox> inbox;
    std::shared_ptr<Expiry> expiry;
    std::shared_ptr<Chores> chores;
  };
  Running& running(const AccountId& account);
  /// By the nodes' clock, as far as it is known.
  std::int64_t network_now_ms();
  /// Network time for the next message or notice: no two have the same (client/envelope.md section 7).
  std::int64_t next_time_ms();
  /// 1 ms and a little more by chance: two devices of one account that step past the same moment would otherwise choose
  /// the same time, and two messages of one author and time cannot be told apart (client/envelope.md section 10).
  std::int64_t step_ms();
  /// The next message is later than `ms`.
  void step_past(std::int64_t ms);
  /// next_time_ms() for an effect, and later than `ms`.
  std::int64_t time_after(Transaction& tx, const std::string& self, std::int64_t ms);
  static void require_room(const Running& r);
  /// Writes message, conversation and outbox entry, or instead of it the `files` that are to be uploaded first; the
  /// time is given here if it has none. Not yet committed.
  void queue(Running& r, Transaction& tx, Changes& changes, StoredMessage message, StoredConversation conversation,
             std::int64_t ttl, std::vector<DraftFile> files = {});
  void queue_notice(Running& r, Transaction& tx, const std::string& peer, decltype(Content::body) body,
                    Disappearing timer = {});
  /// Whoever is not accepted, or is blocked, or is oneself, hears nothing: false.
  bool tell_extraction(Running& r, const std::string& peer, DataExtraction what);
  /// Does it to a message here and lets the peer know.
  void affect(Running& r, MessageId message, Effect::Kind kind, std::string text);
  Task<> send_typing(std::shared_ptr<Account> account, AccountId peer, bool started);
  Task<AccountInfo> add_account(Secret seed, Secret passphrase);
  /// Opens the store named by the account's key file. `seed`: to be written into a new store.
  Task<> open(AccountId id, std::string key_file, Secret store_key, const Secret* seed);
  void run(std::shared_ptr<Account> account);
  void stop_running(Running& running);
  Task<> move_store(std::shared_ptr<Account> account, Slot& slot, Instance& next);
  void change_conversation(const AccountId& account, const AccountId& peer,
                           std::function<void(StoredConversation&)> change);

  OnSwap on_swap_;
  Context* ctx_ = nullptr;
  std::unique_ptr<Events> events_;
  std::unique_ptr<Suites> suites_;
  std::unique_ptr<Shelf> shelf_;
  std::map<AccountId, Running> running_;
  std::set<AccountId> opening_;  // guards the waits inside unlock() and add_account()
  std::int64_t last_sent_ms_ = 0;
  bool typing_in_flight_ = false;
};

}  // namespace argot::kernel
