// Promises about lists and searches.
#include "storage_model.h"
#include "storage_scene.h"

#include <algorithm>

namespace argot::kit {
namespace {

constexpr const char* vocabulary[] = {"red",        "redder", "reddest", "blue", "bluebell", "green",
                                      "greenhouse", "a",      "an",      "and",  "zebra7"};

std::string random_text(StorageScene& scene) {
  std::string out;
  for (std::size_t n = scene.below(6); n > 0; --n)
    out += std::string(out.empty() ? "" : " ") + vocabulary[scene.below(std::size(vocabulary))];
  return out;
}

MessageId any_id(StorageScene& scene, StorageModel& model) {
  return std::next(model.all().begin(), static_cast<long>(scene.below(model.all().size())))->first;
}

MessageQuery random_query(StorageScene& scene, StorageModel& model, bool search) {
  MessageQuery query;
  if (scene.below(2)) query.conversation = account_id(static_cast<int>(scene.below(4)));  // the last has no messages
  if (search) {
    for (std::size_t n = 1 + scene.below(2); n > 0; --n) {
      std::string word = vocabulary[scene.below(std::size(vocabulary))];
      query.match += (query.match.empty() ? "" : " ") + word.substr(0, 1 + scene.below(word.size()));
    }
  }
  if (!model.all().empty() && scene.below(2)) query.before = any_id(scene, model);
  if (!model.all().empty() && scene.below(2)) query.after = any_id(scene, model);
  query.newest_first = scene.below(2);
  query.limit = scene.below(12);
  return query;
}

/// A random history of inserts, updates and erasures; after every few of them a random query.
Task<> random_history(StorageScene& scene, Finding& finding, bool search) {
  auto store = co_await scene.fresh();
  StorageModel model;
  for (int round = 0; round < 40 && finding.holds(); ++round) {
    auto tx = store->begin();
    if (round == 0)
      for (int i = 0; i < 4; ++i) tx->put(plain_conversation(i));
    for (int step = 0; step < 8; ++step) {
      const auto what = scene.below(10);
      if (what < 7 || model.all().empty()) {
        // Few different times, so that many messages share one.
        StoredMessage m =
            plain_message(1'700'000'000'000 + static_cast<std::int64_t>(scene.below(30)) - 15, random_text(scene),
                          static_cast<int>(scene.below(5)), static_cast<int>(scene.below(3)));
        if (model.has(m.author, m.sent_at_ms)) continue;  // another check's business
        m.id = tx->insert(m).value_or(0);
        if (!finding.expect(m.id != 0, "insert to take a new message")) co_return;
        model.insert(m);
      } else if (what < 9) {
        StoredMessage& m = model.all()[any_id(scene, model)];
        m.text = random_text(scene);
        tx->update(m);
      } else {
        const MessageId id = any_id(scene, model);
        tx->erase_message(id);
        model.erase(id);
      }
    }
    for (int i = 0; i < 6; ++i) {
      const MessageQuery query = random_query(scene, model, search);
      const auto expected = model.messages(query);
      const auto found = tx->messages(query);
      if (!finding.expect(ids_of(found) == ids_of(expected),
                          (search ? "a search for \"" + query.match + "\"" : std::string("a page")) + " to give " +
                              std::to_string(expected.size()) + " messages in order as a plain model does (round " +
                              std::to_string(round) + "; found " + std::to_string(found.size()) + ")"))
        co_return;
      for (std::size_t k = 0; k < found.size(); ++k)
        finding.expect(line_of(found[k]) == line_of(expected[k]), "messages in a page to be whole");
    }
    tx->commit();
  }
}

Task<> paging(StorageScene& scene, Finding& finding) { co_await random_history(scene, finding, false); }
Task<> searching(StorageScene& scene, Finding& finding) { co_await random_history(scene, finding, true); }

Task<> folding(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  tx->put(plain_conversation(0));
  std::int64_t now = 1000;
  struct Case {
    const char *text, *match;
    bool found;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"The Lighthouse", "lighthouse", true},
           {"the lighthouse", "LIGHT", true},
           {"the lighthouse", "house", false},  // inside a word
           {"the lighthouse", "lighthouses", false},
           {"the lighthouse", "the missing", false},
           {"Crème brûlée", "creme brulee", true},
           {"creme brulee", "Crème", true},
           {"cafe\u0301 au lait", "café", true},
           {"Zażółć GĘŚLĄ", "zazo gesla", true},
           {"tiếng Việt", "tieng viet", true},
           {"ПРИВЕТ мир", "привет МИР", true},
           {"Ελλάδα ΟΔΟΣ", "ελλ οδο", true},
           {"日本語 テスト", "日本", true},
           {"don't stop", "don", true},
           {"e-mail me@example.org, please!", "example please", true},
           {"\"quoted\" (and) AND OR NOT NEAR", "quoted and not near", true},
           {"a*b ^c {d} col:e", "a b c d col e", true},
           {"plain text", "\"unbalanced", false},
           {"plain unbalanced", "\"unbalanced", true},
           {"numbers 0123 456", "0123 45", true},
       }) {
    const auto id = tx->insert(plain_message(++now, c.text)).value();
    MessageQuery query;
    query.match = c.match;
    finding.expect(ids_of(tx->messages(query)) == (c.found ? std::vector<MessageId>{id} : std::vector<MessageId>{}),
                   "\"" + std::string(c.match) + (c.found ? "\" to find \"" : "\" not to find \"") + c.text + "\"");
    tx->erase_message(id);
  }
}

Task<> limits(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  {
    auto tx = store->begin();
    tx->put(plain_conversation(0));
    for (int i = 0; i < 10'000; ++i) tx->insert(plain_message(2 * i, "common " + std::to_string(i)));
    tx->commit();
  }
  auto tx = store->begin();
  for (const char* match : {"", "common"}) {
    MessageQuery query;
    query.match = match;
    finding.expect(tx->messages(query).size() == 50, "50 messages when nothing else is asked");
    query.limit = 5000;
    finding.expect(tx->messages(query).size() == 1000, "at most 1,000 messages");
    query.limit = 0;
    finding.expect(tx->messages(query).empty(), "no message for limit 0");
    for (bool newest_first : {true, false}) {
      query = {};
      query.match = match;
      query.conversation = account_id(0);
      query.newest_first = newest_first;
      query.limit = 700;
      std::vector<std::int64_t> times;
      for (;;) {
        const auto page = tx->messages(query);
        for (auto& m : page) times.push_back(m.sent_at_ms);
        if (page.empty() || times.size() > 10'000) break;
        (newest_first ? query.before : query.after) = page.back().id;
      }
      if (newest_first) std::reverse(times.begin(), times.end());
      bool exact = times.size() == 10'000;
      for (std::size_t i = 0; exact && i < times.size(); ++i) exact = times[i] == static_cast<std::int64_t>(2 * i);
      finding.expect(exact, "page after page to give every message once and in order");
    }
  }
}

Task<> strange_times(StorageScene& scene, Finding& finding) {
  auto store = co_await scene.fresh();
  auto tx = store->begin();
  tx->put(plain_conversation(0));
  constexpr std::int64_t times[] = {INT64_MIN, -5, 0, 1'700'000'000'000, INT64_MAX};
  std::vector<MessageId> expected;
  for (std::int64_t time : times) expected.push_back(tx->insert(plain_message(time, "strange")).value_or(0));
  for (const char* match : {"", "strange"}) {
    MessageQuery query;
    query.newest_first = false;
    query.match = match;
    finding.expect(ids_of(tx->messages(query)) == expected, "messages of any time in order");
    query.before = expected[4];
    query.after = expected[0];
    finding.expect(tx->messages(query).size() == 3, "messages between two of any time");
  }
  const auto last = tx->message(expected[4]);
  finding.expect(last && last->sent_at_ms == INT64_MAX, "a strange time to be kept as it is");
}

}  // namespace

StorageChecks storage_query_checks() {
  return {{"pages are what a plain model gives, both ways", paging},
          {"searches are what a plain model gives, both ways", searching},
          {"search folds case and accents and takes words as prefixes", folding},
          {"10,000 messages are paged through completely, at most 1,000 at a time", limits},
          {"messages from before 1830 and after 2109 are kept and ordered", strange_times}};
}

}  // namespace argot::kit
