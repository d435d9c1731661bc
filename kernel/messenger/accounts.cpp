// Accounts of the messenger: create, restore, unlock, lock.
#include <kernel/messenger/messenger_impl.h>
#include <kernel/messenger/notices.h>

#include <argot/vault.h>

#include <boost/json.hpp>

namespace argot::kernel {
namespace {

namespace json = boost::json;
constexpr std::string_view seed_key = "seed";

Secret secret_of(std::string& text) {
  Secret secret{view(text)};
  wipe({reinterpret_cast<Byte*>(text.data()), text.size()});
  return secret;
}

// The key file: {"store": folder name of the store, "key": what argot/vault.h wrapped}.
std::string write_key_file(std::string_view store, std::string_view wrapped) {
  return json::serialize(json::object{{"store", store}, {"key", json::parse(wrapped)}});
}

struct KeyFile {
  std::string store, wrapped;
};

KeyFile read_key_file(const std::string& text, const AccountId& id) {
  boost::system::error_code failure;
  json::value value = json::parse(text, failure);
  const json::object* object = failure ? nullptr : value.if_object();
  const json::value* store = object ? object->if_contains("store") : nullptr;
  const json::value* key = object ? object->if_contains("key") : nullptr;
  // The name becomes a path: nothing but what we write ourselves.
  const bool named = store && store->is_string() && !store->as_string().empty() &&
                     store->as_string().find_first_not_of("0123456789abcdefstore-") == std::string_view::npos;
  if (!named || !key)
    throw Error(Code::corrupt, "The key file of account " + id.brief() + " is damaged.",
                "Restore account.json from a backup, or restore the account from its recovery phrase.");
  return {std::string(store->as_string()), json::serialize(*key)};
}

}  // namespace

std::vector<AccountInfo> MessengerImpl::accounts() {
  std::vector<AccountInfo> out;
  for (const AccountId& id : shelf_->list()) out.push_back({id, running_.contains(id)});
  return out;
}

Task<AccountInfo> MessengerImpl::create_account(std::string passphrase, std::string* phrase_out) {
  Secret words = secret_of(passphrase);
  Secret seed(16);
  ctx_->random(seed.span());
  std::string phrase = phrase::from_seed(seed.view());
  AccountInfo info = co_await add_account(std::move(seed), std::move(words));
  if (phrase_out) *phrase_out = std::move(phrase);
  co_return info;
}

Task<AccountInfo> MessengerImpl::restore_account(std::string phrase, std::string passphrase) {
  Secret words = secret_of(passphrase);
  Secret seed = phrase::to_seed(phrase);
  wipe({reinterpret_cast<Byte*>(phrase.data()), phrase.size()});
  co_return co_await add_account(std::move(seed), std::move(words));
}

Task<AccountInfo> MessengerImpl::add_account(Secret seed, Secret passphrase) {
  auto identity = make_identity(seed);
  const AccountId id = identity->id();
  const auto here = shelf_->list();
  if (std::find(here.begin(), here.end(), id) != here.end() || !opening_.insert(id).second)
    throw Error(Code::already_exists, "The account " + id.brief() + " is here already.", "Unlock it instead.");
  std::exception_ptr failure;
  try {
    Secret key(32);
    ctx_->random(key.span());
    std::string wrapped = co_await wrap_key(*ctx_, key.clone(), std::move(passphrase), KdfStrength::interactive);
    Fixed<4> tag;
    ctx_->random(tag);
    // A folder name of its own: a crash before the key file is written leaves a store nobody can open, in nobody's way.
    std::string file = write_key_file("store-" + to_hex(tag), wrapped);
    co_await open(id, file, std::move(key), &seed);
    try {
      shelf_->write(id, file);
    } catch (...) {
      stop_running(running(id));
      running_.erase(id);
      throw;
    }
  } catch (...) {
    failure = std::current_exception();
  }
  opening_.erase(id);
  if (failure) std::rethrow_exception(failure);
  co_return AccountInfo{id, true};
}

Task<AccountInfo> MessengerImpl::unlock(AccountId id, std::string passphrase) {
  Secret words = secret_of(passphrase);
  if (running_.contains(id)) co_return AccountInfo{id, true};
  const std::string file = shelf_->read(id);
  if (!opening_.insert(id).second)
    throw Error(Code::already_exists, "The account " + id.brief() + " is being unlocked already.", "Wait for it.");
  std::exception_ptr failure;
  try {
    KeyFile key_file = read_key_file(file, id);
    Secret key = co_await unwrap_key(*ctx_, std::move(key_file.wrapped), std::move(words));
    co_await open(id, file, std::move(key), nullptr);
  } catch (...) {
    failure = std::current_exception();
  }
  opening_.erase(id);
  if (failure) std::rethrow_exception(failure);
  co_return AccountInfo{id, true};
}

Task<> MessengerImpl::open(AccountId id, std::string key_file, Secret store_key, const Secret* seed) {
  const auto path = shelf_->folder(id) / read_key_file(key_file, id).store;
  auto storage = ctx_->service<Storage>().lease();
  if (!seed && !storage->exists(path))
    throw Error(Code::not_found, "The store of account " + id.brief() + " is gone from " + path.string() + ".",
                "Restore the folder from a backup, or use the storage plugin that wrote it.");
  OpenStore request(path, store_key.clone());
  std::unique_ptr<Store> store = co_await storage->open(std::move(request));
  Secret kept;
  {
    auto tx = store->begin();
    if (seed) {
      tx->put(account_owner, seed_key, seed->view());
      tx->commit();
      kept = seed->clone();
    } else {
      auto bytes = tx->get(account_owner, seed_key);
      if (!bytes)
        throw Error(Code::corrupt, "The store of account " + id.brief() + " holds no seed.",
                    "Restore the account from its recovery phrase.");
      kept = Secret{ByteView(*bytes)};
      wipe(*bytes);
    }
  }
  auto identity = make_identity(kept);
  if (identity->id() != id)
    throw Error(Code::corrupt,
                "The store in " + path.string() + " belongs to account " + identity->id().brief() + ", not to " +
                    id.brief() + ".",
                "Put the folders back as they were.");
  auto account = std::make_shared<Account>(*ctx_, *events_, std::move(identity), shelf_->folder(id));
  account->store_key = std::move(store_key);
  account->attach(std::move(storage), std::move(store), path);
  run(std::move(account));
}

void MessengerImpl::run(std::shared_ptr<Account> account) {
  // What was sent while the clock was ahead comes before what is sent now.
  const std::int64_t tomorrow_ms = to_ms(ctx_->now() + std::chrono::hours(24));
  if (const std::int64_t last = notices::last_ms(*account->store().begin()); last < tomorrow_ms) step_past(last);
  Running running;
  running.account = account;
  running.outbox = std::make_shared<Outbox>(account, *suites_, ctx_->service<Transport>());
  running.uploads = std::make_shared<Uploads>(account, running.outbox);
  running.inbox = std::make_shared<Inbox>(account, *suites_, ctx_->service<Transport>());
  running.inbox->on_recovery([outbox = running.outbox, uploads = running.uploads] {
    outbox->hurry();
    uploads->hurry();
  });
  running.expiry = std::make_shared<Expiry>(account);
  account->on_expiring = [weak = std::weak_ptr(running.expiry)] {
    if (auto expiry = weak.lock()) expiry->wake();
  };
  running.chores = std::make_shared<Chores>(account, ctx_->service<Transport>());
  account->on_chores = [weak = std::weak_ptr(running.chores)] {
    if (auto chores = weak.lock()) chores->wake();
  };
  ctx_->spawn("chores of " + account->id().brief(), running.chores->run());
  ctx_->spawn("expiry of " + account->id().brief(), running.expiry->run());
  ctx_->spawn("outbox of " + account->id().brief(), running.outbox->run());
  ctx_->spawn("uploads of " + account->id().brief(), running.uploads->run());
  ctx_->spawn("inbox of " + account->id().brief(), running.inbox->run());
  running_[account->id()] = std::move(running);
  events_->emit([&] {
    Event event;
    event.kind = Event::Kind::account_changed;
    event.account = account->id();
    return event;
  });
}

void MessengerImpl::stop_running(Running& running) {
  running.account->close();
  running.outbox->wake();
  running.uploads->wake();
  running.expiry->wake();
  running.chores->wake();
  running.inbox->interrupt();
}

Task<> MessengerImpl::lock(AccountId id) {
  stop_running(running(id));
  running_.erase(id);
  events_->emit([&] {
    Event event;
    event.kind = Event::Kind::account_changed;
    event.account = id;
    return event;
  });
  co_return;
}

std::string MessengerImpl::recovery_phrase(const AccountId& id) {
  auto tx = running(id).account->store().begin();
  auto bytes = tx->get(account_owner, seed_key);
  if (!bytes) throw Error(Code::corrupt, "The store of account " + id.brief() + " holds no seed.");
  Secret seed{ByteView(*bytes)};
  wipe(*bytes);
  return phrase::from_seed(seed.view());
}

}  // namespace argot::kernel
