// Promises about single messages.
#include "storage_scene.h"

namespace argot::kit {
namespace {

Task<> comes_back(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  std::vector<StoredMessage> written;
  {
    auto tx = store->begin();
    tx->put(plain_conversation(0));
    StoredMessage full =
        plain_message(1'700'000'000'000, "שלום, 👩‍👩‍👧 Ωmega\nsecond line\t\"quoted\" 'too' %s");
    full.received_at_ms = 42;
    full.direction = Direction::outgoing;
    full.state = MessageState::failed;
    full.kind = 60000;
    full.content = {0, 255, 0, 1};
    full.hash = "hash";
    full.suite = "ratchet";
    full.failure = "No node answered.";
    full.trace = {9, 0, 9};
    full.expires_at_ms = 1'800'000'000'000;
    full.extra = {0, 7, 0};
    written.push_back(full);
    written.push_back(plain_message(1'700'000'000'001, ""));
    written.push_back(plain_message(1'700'000'000'002, std::string("zero \0 inside", 13)));
    StoredMessage large = plain_message(1'700'000'000'003, std::string(1'000'000, 'x'));
    large.content = Bytes(5'000'000, 0xA5);
    written.push_back(large);
    for (auto& m : written) {
      auto id = tx->insert(m);
      if (!finding.expect(id.has_value(), "insert to take a new message")) co_return;
      m.id = *id;
    }
    tx->commit();
  }
  auto tx = store->begin();
  for (const auto& m : written) {
    auto found = tx->message(m.id);
    if (!finding.expect(found.has_value(), "a message to be found by its id")) co_return;
    finding.expect(line_of(*found) == line_of(m), "every field as it was written");
  }
  finding.expect(!tx->message(999'999).has_value(), "nothing for an id that was never given");
}

Task<> unique(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  tx->put(plain_conversation(0));
  tx->put(plain_conversation(1));
  finding.expect(tx->insert(plain_message(1000, "first")).has_value(), "the first to be taken");
  finding.expect(!tx->insert(plain_message(1000, "another text")).has_value(),
                 "the same author and time to be refused");
  finding.expect(!tx->insert(plain_message(1000, "elsewhere", 0, 1)).has_value(),
                 "the same author and time to be refused in another conversation");
  finding.expect(tx->insert(plain_message(1000, "other author", 1)).has_value(),
                 "another author at the same time to be taken");
  finding.expect(tx->insert(plain_message(1001, "other time")).has_value(),
                 "the same author at another time to be taken");
  tx->commit();
  tx = store->begin();
  finding.expect(!tx->insert(plain_message(1000, "later")).has_value(),
                 "the same author and time to be refused in a later transaction");
  finding.expect(tx->messages({}).size() == 3, "exactly the three messages that were taken");
  for (std::int64_t time : {INT64_MIN, INT64_MAX}) {
    tx->insert(plain_message(time, "strange"));
    finding.expect(!tx->insert(plain_message(time, "strange")).has_value(),
                   "the same author and time to be refused at any time");
  }
}

Task<> ids_ascend(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  MessageId last = 0;
  for (int round = 0; round < 3; ++round) {
    auto tx = store->begin();
    tx->put(plain_conversation(0));
    for (int i = 0; i < 5; ++i) {
      const auto id = tx->insert(plain_message(1000 - round * 10 - i, "going back in time"));
      if (!finding.expect(id && *id > last, "an id greater than all before")) co_return;
      last = *id;
    }
    tx->erase_message(last);
    tx->commit();
  }
}

Task<> given_ids(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  tx->put(plain_conversation(0));
  for (MessageId id : {500, 20, 700, 300}) {  // of one millisecond, so that the id decides the order
    StoredMessage m = plain_message(1000, "copied " + std::to_string(id), static_cast<int>(id));
    m.id = id;
    const auto given = tx->insert(m);
    finding.expect(given == id, "insert to keep an id other than 0");
  }
  const auto next = tx->insert(plain_message(1000, "next", 1));
  finding.expect(next && *next > 700, "the next id to be greater than those given");
  MessageQuery query;
  query.newest_first = false;
  query.match = "copied";
  finding.expect(ids_of(tx->messages(query)) == std::vector<MessageId>({20, 300, 500, 700}),
                 "search in order of (sent_at_ms, id)");
  query.match = "";
  query.limit = 4;
  finding.expect(ids_of(tx->messages(query)) == std::vector<MessageId>({20, 300, 500, 700}),
                 "a list in order of (sent_at_ms, id)");
}

Task<> needs_conversation(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  bool refused = false;
  try {
    tx->insert(plain_message(1000, "nowhere"));
  } catch (const Error&) {
    refused = true;
  }
  finding.expect(refused, "an Error for a message of no conversation");
  finding.expect(tx->messages({}).empty(), "the refused message not to be there");
}

Task<> update_replaces(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  tx->put(plain_conversation(0));
  StoredMessage m = plain_message(1000, "before");
  m.id = tx->insert(m).value();
  StoredMessage changed = m;
  changed.conversation = account_id(8);
  changed.author = account_id(9);
  changed.sent_at_ms = 7;
  changed.received_at_ms = 8;
  changed.direction = Direction::outgoing;
  changed.state = MessageState::sent;
  changed.kind = 2;
  changed.text = "after";
  changed.content = {1};
  changed.hash = "h";
  changed.suite = "s";
  changed.failure = "f";
  changed.trace = {2};
  tx->update(changed);
  changed.conversation = m.conversation, changed.author = m.author, changed.sent_at_ms = m.sent_at_ms;
  const auto found = tx->message(m.id);
  finding.expect(found && line_of(*found) == line_of(changed),
                 "everything replaced but id, conversation, author and sent_at_ms");
  changed.id = 12345;
  expect_error(finding, Code::not_found, "update of a message that is not there", [&] { tx->update(changed); });
}

Task<> erase_removes(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  tx->put(plain_conversation(0));
  const MessageId stays = tx->insert(plain_message(1000, "lighthouse stays")).value();
  const MessageId goes = tx->insert(plain_message(1001, "lighthouse goes")).value();
  for (MessageId id : {stays, goes}) {
    OutboxEntry entry;
    entry.message = id;
    tx->put(entry);
  }
  tx->erase_message(goes);
  tx->erase_message(goes);  // of no message: nothing happens
  finding.expect(!tx->message(goes).has_value(), "the message to be gone");
  MessageQuery query;
  query.match = "goes";
  finding.expect(tx->messages(query).empty(), "its words to be gone from the search");
  query.match = "lighthouse";
  finding.expect(ids_of(tx->messages(query)) == std::vector<MessageId>{stays}, "the other message to be found still");
  const auto due = tx->due(0, 10);
  finding.expect(due.size() == 1 && due[0].message == stays, "its outbox entry to be gone and the other to stay");
  finding.expect(tx->insert(plain_message(1001, "again")).has_value(), "its author and time to be free again");
}

Task<> found_by_author(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  tx->put(plain_conversation(0));
  const MessageId mine = *tx->insert(plain_message(1000, "mine", 0));
  const MessageId theirs = *tx->insert(plain_message(1000, "theirs", 1));
  auto id_at = [&](int author, std::int64_t at) {
    auto found = tx->message(account_id(author), at);
    return found ? found->id : 0;
  };
  finding.expect(id_at(0, 1000) == mine && id_at(1, 1000) == theirs, "each message by its author and time");
  finding.expect(id_at(0, 1001) == 0 && id_at(7, 1000) == 0, "nothing for another time or author");
  tx->erase_message(mine);
  finding.expect(id_at(0, 1000) == 0, "nothing once it is erased");
}

Task<> expiry(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  tx->put(plain_conversation(0));
  auto add = [&](std::int64_t at, std::int64_t expires_at) {
    StoredMessage m = plain_message(at, "short-lived");
    m.expires_at_ms = expires_at;
    return *tx->insert(m);
  };
  finding.expect(!tx->next_expiry_ms().has_value(), "no next expiry of an empty store");
  add(1, 0);
  finding.expect(!tx->next_expiry_ms().has_value(), "a message without an expiry to stay");
  const MessageId late = add(2, 500), early = add(3, 300);
  finding.expect(tx->next_expiry_ms() == 300, "the earliest expiry as the next one");
  finding.expect(tx->expired(299, 10).empty(), "nothing before its time");
  finding.expect(tx->expired(500, 10) == std::vector<MessageId>{early, late}, "the earliest first");
  finding.expect(tx->expired(500, 1) == std::vector<MessageId>{early}, "no more than asked for");
  StoredMessage changed = *tx->message(early);
  changed.expires_at_ms = 900;
  tx->update(changed);
  finding.expect(tx->expired(500, 10) == std::vector<MessageId>{late}, "an update to move the expiry");
  tx->erase_message(late);
  finding.expect(tx->expired(500, 10).empty() && tx->next_expiry_ms() == 900, "an erased message to expire no more");
  tx->commit();
  tx = store->begin();
  changed.expires_at_ms = 0;
  tx->update(changed);
  finding.expect(!tx->next_expiry_ms().has_value(), "an expiry to be taken off");
  tx.reset();
  finding.expect(store->begin()->next_expiry_ms() == 900, "a transaction without commit to change no expiry");
}

}  // namespace

StorageChecks storage_message_checks() {
  return {{"a message comes back as it was written, empty or large", comes_back},
          {"a message is unique by author and time", unique},
          {"ids ascend in order of insertion", ids_ascend},
          {"an id that is given is kept", given_ids},
          {"a message without its conversation is refused", needs_conversation},
          {"an update replaces all it may", update_replaces},
          {"a message is found by its author and time", found_by_author},
          {"messages expire in order of their time", expiry},
          {"erasing a message erases its index entry and its outbox entry", erase_removes}};
}

}  // namespace argot::kit
