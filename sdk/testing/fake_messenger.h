#pragma once
// A messenger for tests of bots and apps: one account and one peer, in memory, nothing sent anywhere.
#include "bare_context.h"

#include <argot/messenger.h>

namespace argot::kit {

/// Offers itself to the context as "messenger/1" for as long as it lives. What it has no use for throws
/// Error(not_found) or answers with nothing.
class FakeMessenger final : public Messenger {
 public:
  explicit FakeMessenger(BareContext& ctx);
  ~FakeMessenger() override;

  const AccountId self, peer;
  /// A message from the peer arrives; subscribers hear of it on the loop.
  Message receive(std::string text);
  /// What was sent through this messenger, oldest first.
  std::vector<Message> sent() const;

  std::vector<AccountInfo> accounts() override { return {{self, true}}; }
  Task<AccountInfo> create_account(std::string passphrase, std::string* phrase_out) override;
  Task<AccountInfo> restore_account(std::string phrase, std::string passphrase) override;
  Task<AccountInfo> unlock(AccountId account, std::string passphrase) override;
  Task<> lock(AccountId account) override;
  std::string recovery_phrase(const AccountId& account) override;
  MessageId send(const AccountId& account, const AccountId& to, Draft draft) override;
  void retry(const AccountId&, MessageId) override {}
  std::size_t waiting(const AccountId&) override { return 0; }
  std::optional<Message> find(const AccountId& account, MessageId message) override;
  std::vector<Message> history(const AccountId& account, const HistoryQuery& query) override;
  std::vector<Conversation> conversations(const AccountId& account) override;
  void set_nickname(const AccountId&, const AccountId&, std::string name) override { name_ = std::move(name); }
  void block(const AccountId&, const AccountId&, bool blocked) override { blocked_ = blocked; }
  void mark_read(const AccountId& account, MessageId up_to) override;
  Task<> download(AccountId account, MessageId message, std::size_t index, std::filesystem::path to) override;
  void edit(const AccountId&, MessageId, std::string) override {}
  void react(const AccountId&, MessageId, std::string, bool) override {}
  void unsend(const AccountId&, MessageId) override {}
  void erase(const AccountId&, MessageId) override {}
  void set_disappearing(const AccountId&, const AccountId&, Disappearing) override {}
  void accept(const AccountId&, const AccountId&) override {}
  void decline(const AccountId&, const AccountId&) override {}
  void tell_screenshot(const AccountId&, const AccountId&) override {}
  void set_typing(const AccountId&, const AccountId&, bool) override {}
  void set_keeping(const AccountId&, const AccountId&, Keeping keeping) override { keeping_ = keeping; }
  std::string verification(const AccountId&, const AccountId&) override { return {}; }
  std::string profile_name(const AccountId&) override { return profile_name_; }
  void set_profile_name(const AccountId&, std::string name) override { profile_name_ = std::move(name); }
  Privacy privacy(const AccountId&) override { return {}; }
  void set_privacy(const AccountId&, Privacy) override {}
  std::vector<TraceStep> trace(const AccountId&, MessageId) override { return {}; }
  Subscription subscribe(std::function<void(const Event&)> on_event) override;

 private:
  Message add(Message message);
  void check(const AccountId& account) const;

  BareContext& ctx_;
  Instance instance_;
  std::vector<Message> messages_;  ///< the message of number n is at n - 1
  /// Shared with events that are on their way when this goes.
  std::shared_ptr<std::map<int, std::function<void(const Event&)>>> subscribers_;
  int subscriptions_ = 0;
  std::uint64_t events_ = 0;
  std::string name_, profile_name_;
  Keeping keeping_;
  bool blocked_ = false;
};

}  // namespace argot::kit
