// Conversations and messages of the messenger, and its life in the kernel.
#include <kernel/messenger/messenger_impl.h>
#include <kernel/messenger/standing.h>
#include <kernel/messenger/store_copy.h>
#include <kernel/messenger/trace.h>

#include <argot/vault.h>

namespace argot::kernel {

const Descriptor messenger_descriptor{
    .name = "messenger",
    .version = "1.0.0",
    .summary = "Accounts, conversations, outbox and inbox",
    .kind = Messenger::kind,
    .provides = Messenger::interface_id,
    .needs = "transport/1 suite/1 storage/1",
    .options = {
        Option{.name = "unlock",
               .type = OptionType::flag,
               .fallback = "true",
               .help = "unlock accounts that have no passphrase when the kernel starts"},
        Option{.name = "keys", .fallback = "disk", .help = "where the accounts' keys are kept: disk or memory"}}};

std::unique_ptr<Plugin> make_messenger(OnSwap on_swap) { return std::make_unique<MessengerImpl>(std::move(on_swap)); }

Task<> MessengerImpl::start(Context& ctx) {
  ctx_ = &ctx;
  events_ = std::make_unique<Events>(ctx);
  suites_ = std::make_unique<Suites>(ctx);
  shelf_ = ctx.settings().text("keys") == "memory" ? make_memory_shelf(ctx) : make_disk_shelf(ctx);
  if (on_swap_) {
    on_swap_(Transport::interface_id, [this](Slot&, Instance&) -> Task<> {
      for (auto& [id, r] : running_) r.inbox->interrupt();
      co_return;
    });
    on_swap_(Storage::interface_id, [this](Slot& slot, Instance& next) -> Task<> {
      std::vector<std::shared_ptr<Account>> open;
      for (auto& [id, r] : running_) open.push_back(r.account);
      for (auto& account : open) co_await move_store(account, slot, next);
    });
  }
  if (!ctx.settings().flag("unlock")) co_return;
  for (const AccountInfo& info : accounts()) {
    try {
      std::string none;
      co_await unlock(info.id, std::move(none));
    } catch (...) {
      Error error = to_error(std::current_exception());
      if (error.code() == Code::unauthenticated)
        ctx.info("The account " + info.id.brief() + " stays locked: it has a passphrase.");
      else
        ctx.log(LogLevel::error, "The account " + info.id.brief() + " stays locked: " + error.sentence());
    }
  }
}

Task<> MessengerImpl::stop() {
  if (on_swap_)
    for (std::string_view id : {Transport::interface_id, Storage::interface_id}) on_swap_(id, nullptr);
  for (auto& [id, r] : running_) stop_running(r);
  running_.clear();
  events_.reset();
  co_return;
}

MessengerImpl::Running& MessengerImpl::running(const AccountId& account) {
  auto it = running_.find(account);
  if (it == running_.end())
    throw Error(Code::not_found, "The account " + account.brief() + " is not unlocked here.",
                "Unlock it first, or look at the list of accounts.");
  return it->second;
}

void MessengerImpl::retry(const AccountId& account, MessageId id) {
  Running& r = running(account);
  auto tx = r.account->store().begin();
  auto message = tx->message(id);
  if (!message || message->direction != Direction::outgoing || message->state != MessageState::failed)
    throw Error(Code::invalid_argument, "There is no failed message number " + std::to_string(id) + ".",
                "Look at the conversation.");
  message->state = MessageState::queued;
  message->failure.clear();
  append_step(message->trace, "queued", ctx_->now(), "again");
  tx->update(*message);
  if (Uploads::waits(*tx, id)) {
    tx->commit();
    r.uploads->wake();
  } else {
    OutboxEntry entry;
    entry.message = id;
    entry.mailbox = message->conversation;
    entry.ttl_ms = ttl_ms;
    entry.next_attempt_ms = to_ms(ctx_->now());
    tx->put(entry);
    tx->commit();
    r.outbox->added();
    r.outbox->wake();
  }
  r.account->emit(Event::Kind::message_changed, std::move(*message));
}

std::optional<Message> MessengerImpl::find(const AccountId& account, MessageId id) {
  Running& r = running(account);
  auto tx = r.account->store().begin();
  auto stored = tx->message(id);
  if (!stored) return std::nullopt;
  return r.account->message(*tx, std::move(*stored));
}

std::vector<Message> MessengerImpl::history(const AccountId& account, const HistoryQuery& query) {
  Running& r = running(account);
  MessageQuery q;
  if (query.conversation != AccountId()) q.conversation = query.conversation.text();
  q.match = query.match;
  q.before = query.before;
  q.after = query.after;
  q.newest_first = !query.after;
  q.limit = std::min<std::size_t>(query.limit, 1000);
  std::vector<Message> out;
  auto tx = r.account->store().begin();
  for (StoredMessage& stored : tx->messages(q)) out.push_back(r.account->message(*tx, std::move(stored)));
  return out;
}

std::vector<Conversation> MessengerImpl::conversations(const AccountId& account) {
  Running& r = running(account);
  std::vector<Conversation> out;
  auto tx = r.account->store().begin();
  for (const StoredConversation& stored : tx->conversations()) out.push_back(Account::conversation(stored));
  std::stable_partition(out.begin(), out.end(), [](const Conversation& c) { return c.keeping.pinned; });
  return out;
}

void MessengerImpl::change_conversation(const AccountId& account, const AccountId& peer,
                                        std::function<void(StoredConversation&)> change) {
  Running& r = running(account);
  auto tx = r.account->store().begin();
  StoredConversation conversation = Account::find_or_make(*tx, peer.text());
  change(conversation);
  tx->put(conversation);
  tx->commit();
  r.account->emit(conversation);
}

void MessengerImpl::set_nickname(const AccountId& account, const AccountId& peer, std::string name) {
  const auto length = code_points(name);
  if (!length || name.size() > 100)
    throw Error(Code::invalid_argument, "A nickname is UTF-8 text of at most 100 bytes.", "Choose a shorter one.");
  change_conversation(account, peer, [&](StoredConversation& c) { c.name = clean_name(name); });
}

void MessengerImpl::block(const AccountId& account, const AccountId& peer, bool blocked) {
  if (blocked && peer == account)
    throw Error(Code::invalid_argument, "One's own account cannot be blocked: one's other devices would be.",
                "Name somebody else.");
  change_conversation(account, peer, [&](StoredConversation& c) { c.blocked = blocked; });
}

std::vector<TraceStep> MessengerImpl::trace(const AccountId& account, MessageId id) {
  auto tx = running(account).account->store().begin();
  auto message = tx->message(id);
  if (!message)
    throw Error(Code::not_found, "There is no message number " + std::to_string(id) + ".", "Look at the conversation.");
  return read_trace(message->trace);
}

Subscription MessengerImpl::subscribe(std::function<void(const Event&)> on_event) {
  return events_->subscribe(std::move(on_event));
}

// Another backend gets a copy of everything. The same backend in a new version finds its own files in use, so the
// old store is closed first and the files are opened again.
Task<> MessengerImpl::move_store(std::shared_ptr<Account> account, Slot& slot, Instance& next) {
  if (!account->open()) co_return;
  Slot incoming;
  incoming.current = &next;
  incoming.interface_id = slot.interface_id;
  Lease<Storage> to(incoming);
  const auto path = account->store_path();
  std::unique_ptr<Store> store;
  std::exception_ptr failure;
  try {
    OpenStore request(path, account->store_key.clone());
    store = co_await to->open(std::move(request));
  } catch (const Error& error) {
    if (error.code() != Code::already_exists) throw;
  }
  if (store) {
    copy_store(account->store(), *store);  // does not wait: nothing is written to the old one in between
    account->attach(std::move(to), std::move(store), path);
    co_return;
  }
  Lease<Storage> old(slot);
  account->detach();
  try {
    OpenStore request(path, account->store_key.clone());
    store = co_await to->open(std::move(request));
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) {
    account->attach(std::move(to), std::move(store), path);
    co_return;
  }
  OpenStore again(path, account->store_key.clone());  // the swap is off: go on with the old one
  store = co_await old->open(std::move(again));
  account->attach(std::move(old), std::move(store), path);
  std::rethrow_exception(failure);
}

}  // namespace argot::kernel
