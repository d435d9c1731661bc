// Promises about transactions, keys and what survives.
#include "storage_scene.h"

#include <fstream>

namespace argot::kit {
namespace fs = std::filesystem;
namespace {

/// Changes of every kind to a furnished store.
void change_everything(Transaction& tx) {
  MessageQuery query;
  query.limit = 3;
  const auto page = tx.messages(query);
  tx.put(plain_conversation(7));
  auto changed = plain_conversation(0);
  changed.name = "changed";
  tx.put(changed);
  tx.insert(plain_message(1'800'000'000'000, "furnished later", 1, 7));
  if (page.size() == 3) {
    tx.erase_message(page[0].id);
    StoredMessage m = page[1];
    m.text = "furnished otherwise";
    m.state = MessageState::read;
    tx.update(m);
    OutboxEntry entry;
    entry.message = page[2].id;
    entry.next_attempt_ms = 1;
    tx.put(entry);
  }
  for (auto& e : tx.due(INT64_MAX, 1)) tx.erase_outbox(e.message);
  tx.see("hash three", 9000);
  tx.forget_seen(5500);
  tx.put("suite", "state", view("other state"));
  tx.put("new owner", "key", view("value"));
  tx.erase("cursor", "swarm");
}

Task<> existing(StorageScene& scene, Finding& finding) {
  const auto path = scene.fresh_path();
  finding.expect(!scene.subject.storage().exists(path), "no store before it was opened");
  auto store = co_await scene.open(path);
  finding.expect(scene.subject.storage().exists(path), "a store once it was opened");
  store.reset();
  finding.expect(scene.subject.storage().exists(path), "a store after it was closed");
}

Task<> one_at_a_time(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  {
    auto tx = store->begin();
    expect_error(finding, Code::internal, "a second transaction while one is open", [&] { store->begin(); });
    tx->put("a", "b", view("c"));
    tx->commit();
  }
  auto tx = store->begin();
  finding.expect(tx->get("a", "b").has_value(), "the first transaction to be unharmed");
}

Task<> no_trace(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  furnish(*store);
  const std::string before = contents_of(*store);
  change_everything(*store->begin());
  std::string after = contents_of(*store);
  finding.expect(after == before, "a destroyed transaction to leave no trace; " + difference(before, after));
  store->begin()->clear();
  after = contents_of(*store);
  finding.expect(after == before, "a destroyed clear to leave no trace; " + difference(before, after));
}

Task<> sees_itself(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  furnish(*store);
  auto tx = store->begin();
  change_everything(*tx);
  MessageQuery query;
  query.match = "furnished otherwise";
  finding.expect(tx->messages(query).size() == 1, "a search to find what the transaction wrote itself");
  finding.expect(tx->get("suite", "state") == to_bytes(view("other state")),
                 "a value that the transaction wrote itself");
}

Task<> reopened(StorageScene& scene, Finding& finding) {
  const auto path = scene.fresh_path();
  std::string before;
  {
    auto store = co_await scene.open(path);
    furnish(*store, 300);
    auto tx = store->begin();
    change_everything(*tx);
    tx->commit();
    tx.reset();
    before = contents_of(*store);
  }
  for (int i = 0; i < 2; ++i) {
    auto store = co_await scene.open(path);
    const std::string after = contents_of(*store);
    finding.expect(after == before,
                   "everything committed to be there after closing and opening; " + difference(before, after));
  }
}

Task<> crashed(StorageScene& scene, Finding& finding) {
  const auto path = scene.fresh_path();
  auto store = co_await scene.open(path);
  furnish(*store, 300);
  {
    auto tx = store->begin();
    change_everything(*tx);
    tx->commit();
  }
  const std::string before = contents_of(*store);
  std::vector<fs::path> survivors;
  {
    auto tx = store->begin();
    tx->clear();
    if (fs::is_directory(path)) {  // what the disk holds while the store and a transaction are open
      survivors.push_back(scene.fresh_path());
      fs::copy(path, survivors.back(), fs::copy_options::recursive);
    }
  }
  store.reset();
  if (scene.subject.crash) {
    co_await scene.subject.crash();
    survivors.push_back(path);
  }
  for (const fs::path& survivor : survivors) {
    auto again = co_await scene.open(survivor);
    const std::string after = contents_of(*again);
    finding.expect(after == before,
                   "everything committed and nothing else to be there after a crash; " + difference(before, after));
  }
}

Task<> wrong_key(StorageScene& scene, Finding& finding) {
  const auto path = scene.fresh_path();
  auto store = co_await scene.open(path);
  furnish(*store);
  store.reset();
  Code found = Code::internal;
  bool refused = false;
  try {
    store = co_await scene.open(path, 8);
  } catch (const Error& error) {
    refused = true;
    found = error.code();
  }
  finding.expect(refused && found == Code::unauthenticated,
                 "Error(unauthenticated) for a wrong key, found " +
                     (refused ? std::string(name_of(found)) : std::string("an open store")));
  store.reset();
  store = co_await scene.open(path);
  finding.expect(store != nullptr, "the right key to open it still");
}

Task<> short_key(StorageScene& scene, Finding& finding) {
  for (std::size_t size : {0, 16, 31, 33, 64}) {
    bool refused = false;
    try {
      const auto path = scene.fresh_path();
      OpenStore request(path, Secret(size));
      auto store = co_await scene.subject.storage().open(std::move(request));
    } catch (const Error&) {
      refused = true;
    }
    finding.expect(refused, "a key of " + std::to_string(size) + " bytes to be refused");
  }
}

Task<> opened_twice(StorageScene& scene, Finding& finding) {
  const auto path = scene.fresh_path();
  auto store = co_await scene.open(path);
  bool refused = false;
  Code found = Code::internal;
  try {
    auto second = co_await scene.open(path);
  } catch (const Error& error) {
    refused = true;
    found = error.code();
  }
  finding.expect(refused && found == Code::already_exists, "Error(already_exists) for a store that is open elsewhere");
  furnish(*store);
  store.reset();
  store = co_await scene.open(path);
  finding.expect(store != nullptr, "it to open again once it was closed");
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  if (fs::is_directory(folder))
    for (auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) out.push_back(entry.path());
  return out;
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Task<> unreadable(StorageScene& scene, Finding& finding) {
  const auto path = scene.fresh_path();
  auto store = co_await scene.open(path);
  furnish(*store, 50);
  for (bool closed : {false, true}) {
    if (closed) store.reset();
    auto files = files_below(path);
    for (auto& entry : fs::directory_iterator(scene.subject.scratch))  // beside the folder, too
      if (entry.is_regular_file() && entry.path().string().starts_with(path.string())) files.push_back(entry.path());
    for (auto& file : files) {
      const std::string content = content_of(file);
      for (const std::string& secret :
           {std::string("furnished"), std::string("some state"), account_id(1), std::string("hash one")})
        finding.expect(content.find(secret) == std::string::npos,
                       "nothing of what was written to be readable in " + file.filename().string());
    }
  }
}

Task<> changed_byte(StorageScene& scene, Finding& finding) {
  const auto path = scene.fresh_path();
  auto store = co_await scene.open(path);
  furnish(*store, 200);
  const std::string before = contents_of(*store);
  store.reset();
  if (files_below(path).empty()) co_return;  // nothing that could be changed
  for (int i = 0; i < 60 && finding.holds(); ++i) {
    const auto copy = scene.fresh_path();
    fs::copy(path, copy, fs::copy_options::recursive);
    auto files = files_below(copy);
    std::sort(files.begin(), files.end());
    const auto file = files[scene.below(files.size())];
    std::string content = content_of(file);
    if (content.empty()) continue;
    const auto at = scene.below(content.size());
    content[at] = static_cast<char>(content[at] ^ (1 << scene.below(8)));
    std::ofstream(file, std::ios::binary) << content;
    try {
      auto damaged = co_await scene.open(copy);
      const std::string after = contents_of(*damaged);
      finding.expect(after == before, "an Error, not other data, after byte " + std::to_string(at) + " of " +
                                          file.filename().string() + " was changed; " + difference(before, after));
    } catch (const Error&) {  // as it should be
    }
    fs::remove_all(copy);
  }
}

}  // namespace

StorageChecks storage_durability_checks() {
  return {{"a store exists from its first opening on", existing},
          {"one transaction at a time", one_at_a_time},
          {"a transaction that is destroyed leaves no trace", no_trace},
          {"a transaction sees its own changes", sees_itself},
          {"what was committed is there after reopening", reopened},
          {"what was committed is there after a crash, and nothing else", crashed},
          {"a wrong key is refused", wrong_key},
          {"a key that has not 32 bytes is refused", short_key},
          {"an open store cannot be opened again", opened_twice},
          {"nothing that was written can be read in the files", unreadable},
          {"a changed byte is an error, never other data", changed_byte}};
}

}  // namespace argot::kit
