#pragma once
// One unlocked account: its identity, its open store, and what the outbox, the inbox and the messenger share.
// Coroutines hold it by shared_ptr; after every co_await they ask open() before they touch the store.
#include <kernel/messenger/events.h>

#include <argot/content.h>
#include <argot/messenger.h>

#include <functional>

namespace argot::kernel {

/// Owner names of small values in an account's store.
inline constexpr std::string_view account_owner = "account", inbox_owner = "inbox";

class Account {
 public:
  Account(Context& ctx, Events& events, std::unique_ptr<Identity> identity, std::filesystem::path folder)
      : ctx(ctx), events(events), identity(std::move(identity)), folder(std::move(folder)) {}

  const AccountId& id() const { return identity->id(); }
  /// False once the account is locked: whoever works for it stops.
  bool open() const { return !closed_; }
  /// Throws Error(unavailable) when the account is locked or its storage is being exchanged.
  Store& store() const;
  /// Where the open store lives, inside folder.
  const std::filesystem::path& store_path() const { return store_path_; }
  void attach(Lease<Storage> storage, std::unique_ptr<Store> store, std::filesystem::path path);
  /// Closes the store for a moment, to open it elsewhere.
  void detach();
  void close();

  /// What front ends see of a row; what is moved in is not copied.
  static Message message(const AccountId& account, StoredMessage stored);
  Message message(StoredMessage stored) const { return message(id(), std::move(stored)); }
  /// The same, and what a reply answers is looked up where the wire did not say.
  Message message(Transaction& tx, StoredMessage stored) const;
  /// What one calls oneself, as it is sent.
  argot::Profile profile(Transaction& tx) const;
  void set_profile(Transaction& tx, const argot::Profile& profile) const;
  Privacy privacy(Transaction& tx) const;
  void set_privacy(Transaction& tx, Privacy privacy) const;
  void emit(Event::Kind kind, StoredMessage stored);
  void emit(const StoredConversation& conversation);
  static Conversation conversation(const StoredConversation& stored);

  /// The conversation's row, made if it is new. Not yet written.
  static StoredConversation find_or_make(Transaction& tx, const std::string& peer);

  Context& ctx;
  Events& events;
  std::unique_ptr<Identity> identity;
  std::filesystem::path folder;
  Secret store_key;
  /// Called after something that may disappear was written.
  std::function<void()> on_expiring = [] {};
  /// Called after a chore was written (chores.h).
  std::function<void()> on_chores = [] {};

 private:
  std::filesystem::path store_path_;
  std::optional<Lease<Storage>> storage_;  // declared before store_: the store goes first
  std::unique_ptr<Store> store_;
  bool closed_ = false;
};

/// A suite's share of an account's store, inside one transaction.
class StoreSuiteState final : public SuiteState {
 public:
  StoreSuiteState(Transaction& tx, std::string_view suite) : tx_(tx), owner_("suite:" + std::string(suite)) {}
  std::optional<Bytes> get(std::string_view key) override { return tx_.get(owner_, key); }
  void put(std::string_view key, ByteView value) override { tx_.put(owner_, key, value); }
  void erase(std::string_view key) override { tx_.erase(owner_, key); }

 private:
  Transaction& tx_;
  std::string owner_;
};

/// Number of code points of a UTF-8 text; nothing when it is not UTF-8.
std::optional<std::size_t> code_points(std::string_view utf8);

}  // namespace argot::kernel
