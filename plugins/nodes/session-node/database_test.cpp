#include "database.h"

#include <algorithm>
#include <fstream>

#include "test_support.h"

namespace argot::node {
namespace {

using test::t0;
using test::TemporaryDirectory;

constexpr std::int64_t plenty = 1 << 28;
const AccountId alice(AccountId::person, Bytes(32, 1)), bob(AccountId::person, Bytes(32, 2));
const RetrieveLimits all{0, INT64_MAX};

std::string hash(int n) {
  std::string out = "h" + std::to_string(n);
  out.resize(43, '+');
  return out;
}

std::vector<std::string> hashes(Database& db, const AccountId& account, std::int16_t ns = 0) {
  std::vector<std::string> out;
  for (const auto& row : db.page(account, ns, "", all).rows) out.push_back(row.hash);
  return out;
}
using Hashes = std::vector<std::string>;

template <class F> Code code_of(F action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_FALSE(error.remedy().empty()) << error.what();
    return error.code();
  }
  return Code::internal;
}

TEST(Database, KeepsWhatWasCommitted) {
  TemporaryDirectory directory;
  const auto path = directory.path() / "messages.db";
  {
    Database db(path, plenty);
    db.begin();
    db.store(alice, 0, hash(1), t0, t0 + 1, view("one"));
    db.revoke(alice, {Token{9}}, t0);
    db.commit();
    db.begin();
    db.store(alice, 0, hash(2), t0, t0 + 1, view("two"));  // never committed
  }
  Database db(path, plenty);
  EXPECT_EQ(hashes(db, alice), Hashes{hash(1)});
  EXPECT_TRUE(db.is_revoked(alice, Token{9}));
  EXPECT_FALSE(db.is_revoked(bob, Token{9}));
}

TEST(Database, AnEmptyMessageIsAMessage) {
  Database db(":memory:", plenty);
  db.store(alice, 0, hash(1), t0, t0 + 1, {});
  EXPECT_EQ(db.page(alice, 0, "", all).rows.at(0).data, Bytes{});
}

TEST(Database, AFullOneSaysSoAndLosesNothing) {
  TemporaryDirectory directory;
  Database db(directory.path() / "messages.db", 200'000);
  const Bytes big(50'000, 7);
  int stored = 0;
  const Code code = code_of([&] {
    for (;; ++stored) db.store(alice, 0, hash(stored), t0, t0 + 1, big);
  });
  EXPECT_EQ(code, Code::resource_exhausted);
  EXPECT_GE(stored, 1);
  EXPECT_EQ(hashes(db, alice).size(), static_cast<std::size_t>(stored));
  db.remove_expired(t0 + 1, 1000);
  db.store(alice, 0, hash(1000), t0, t0 + 1, big);  // there is room again
}

TEST(Database, AFileThatIsNoDatabaseIsReportedAndLeftAlone) {
  TemporaryDirectory directory;
  const auto path = directory.path() / "messages.db";
  const std::string rubbish(8192, 'x');
  std::ofstream(path) << rubbish;
  EXPECT_EQ(code_of([&] { Database db(path, plenty); }), Code::corrupt);
  std::ifstream file(path);
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>(file), {}}), rubbish);
}

TEST(Database, ADamagedFileIsReportedAndNotGuessedAt) {
  TemporaryDirectory directory;
  const auto path = directory.path() / "messages.db";
  {
    Database db(path, plenty);
    for (int i = 0; i < 100; ++i) db.store(alice, 0, hash(i), t0, t0 + 1, Bytes(1000, 5));
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(20 * 4096, '\xff');
  }
  EXPECT_EQ(code_of([&] {
              Database db(path, plenty);
              hashes(db, alice);
            }),
            Code::corrupt);
}

TEST(Database, ADatabaseOfAnotherProgramIsRefused) {
  TemporaryDirectory directory;
  const auto path = directory.path() / "messages.db";
  {
    Connection other(path);
    other.execute("CREATE TABLE t (x); PRAGMA user_version = 1");
  }
  EXPECT_EQ(code_of([&] { Database db(path, plenty); }), Code::corrupt);
}

TEST(Database, ADatabaseOfANewerVersionIsRefused) {
  TemporaryDirectory directory;
  const auto path = directory.path() / "messages.db";
  { Database db(path, plenty); }
  {
    Connection newer(path);
    newer.execute("PRAGMA user_version = 5");
  }
  EXPECT_EQ(code_of([&] { Database db(path, plenty); }), Code::incompatible);
}

/// The tables of versions 1 to 3, as those nodes made them.
void make_older(const std::filesystem::path& path, int version) {
  Connection db(path);
  db.execute(R"(
    CREATE TABLE messages (
      id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, account BLOB NOT NULL, namespace INTEGER NOT NULL,
      timestamp INTEGER NOT NULL, expiry INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX messages_by_account ON messages (account, namespace, id);
    CREATE INDEX messages_by_expiry ON messages (expiry);
    CREATE TABLE revoked_subaccounts (
      id INTEGER PRIMARY KEY AUTOINCREMENT, account BLOB NOT NULL, token BLOB NOT NULL, timestamp INTEGER NOT NULL,
      UNIQUE (account, token));
    PRAGMA application_id = 1098016622)");
  if (version > 1)
    db.execute(R"(
      CREATE TABLE debts (peer BLOB PRIMARY KEY, from_row INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE known_network (id INTEGER PRIMARY KEY CHECK (id = 1), lines TEXT NOT NULL))");
  if (version > 2)
    db.execute(R"(
      CREATE TABLE owed_calls (id INTEGER PRIMARY KEY AUTOINCREMENT, peer BLOB NOT NULL, body BLOB NOT NULL);
      CREATE INDEX owed_calls_by_peer ON owed_calls (peer, id))");
  for (int n = 1; n <= 5; ++n)
    Run(db, "INSERT INTO messages (hash, account, namespace, timestamp, expiry, data) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(hash(n))
        .bind(alice.bytes())
        .bind(n == 3 ? 2 : 0)
        .bind(t0 + n)
        .bind(t0 + 100 * n)
        .bind(view("text"))
        .finish();
  db.execute("DELETE FROM messages WHERE id IN (2, 5)");
  db.execute(("PRAGMA user_version = " + std::to_string(version)).c_str());
}

TEST(Database, AnOlderVersionIsBroughtUpToDateAndKeepsItsMessages) {
  for (int version = 1; version <= 3; ++version) {
    SCOPED_TRACE(version);
    TemporaryDirectory directory;
    const auto path = directory.path() / "messages.db";
    make_older(path, version);
    for (int opened = 0; opened < 2; ++opened) {
      Database db(path, plenty);
      EXPECT_EQ(db.count(), 3);
      EXPECT_EQ(hashes(db, alice), (Hashes{hash(1), hash(4)}));
      EXPECT_EQ(hashes(db, alice, 2), Hashes{hash(3)});
      EXPECT_EQ(db.expiry_of(alice, hash(4)), t0 + 400);
      EXPECT_EQ(db.row_of(hash(4)), 4) << "what is owed to others names rows";
      EXPECT_EQ(db.page(alice, 0, "", all).rows.at(0).data, to_bytes(view("text")));
    }
    Database db(path, plenty);
    db.store(alice, 0, hash(6), t0, t0 + 1, view("new"));
    EXPECT_EQ(db.row_of(hash(6)), 6) << "the number of a row that is gone is never given again";
    db.owe(Fixed<32>{1}, 5);
    EXPECT_EQ(db.debts().size(), 1u);
    db.owe_call(Fixed<32>{1}, "call");
    EXPECT_EQ(db.owed_calls(Fixed<32>{1}, 10).size(), 1u);
  }
}

TEST(Database, ASecondProcessIsTurnedAway) {
  TemporaryDirectory directory;
  Database first(directory.path() / "messages.db", plenty);
  EXPECT_EQ(code_of([&] { Database second(directory.path() / "messages.db", plenty); }), Code::already_exists);
}

TEST(Database, ADirectoryThatIsNotThereIsNamed) {
  EXPECT_EQ(code_of([&] { Database db("/nonexistent/messages.db", plenty); }), Code::unavailable);
}

TEST(Database, KeepsTheFiftyNewestRevocations) {
  Database db(":memory:", plenty);
  for (Byte i = 0; i < 60; ++i) db.revoke(alice, {Token{i}}, t0 + i);
  for (Byte i = 0; i < 60; ++i) EXPECT_EQ(db.is_revoked(alice, Token{i}), i >= 10) << int(i);
  EXPECT_EQ(db.unrevoke(alice, {Token{5}, Token{50}, Token{51}}), 2);
}

TEST(Database, ExpiredMessagesGoInPieces) {
  Database db(":memory:", plenty);
  for (int i = 0; i < 25; ++i) db.store(alice, 0, hash(i), t0, t0 + i, {});
  EXPECT_EQ(db.remove_expired(t0 + 19, 15), 15);
  EXPECT_EQ(db.remove_expired(t0 + 19, 15), 5);
  EXPECT_EQ(db.remove_expired(t0 + 19, 15), 0);
  EXPECT_EQ(db.count(), 5);
}

/// What the database should hold, kept in the simplest way.
struct Model {
  struct Message {
    std::string hash;
    AccountId account;
    std::int16_t ns;
    std::int64_t timestamp, expiry;
  };
  std::vector<Message> messages;  // in the order they came

  Message* find(const AccountId& account, const std::string& h) {
    for (auto& m : messages)
      if (m.hash == h && m.account == account) return &m;
    return nullptr;
  }
  template <class F> Hashes remove_if(F unwanted) {
    Hashes out;
    std::erase_if(messages, [&](const Message& m) {
      if (!unwanted(m)) return false;
      out.push_back(m.hash);
      return true;
    });
    std::sort(out.begin(), out.end());
    return out;
  }
};

Hashes flat(const Database::ByNamespace& found) {
  Hashes out;
  for (const auto& [ns, each] : found) out.insert(out.end(), each.begin(), each.end());
  std::sort(out.begin(), out.end());
  return out;
}

TEST(Database, DoesWhatASimpleModelDoes) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    Database db(":memory:", plenty);
    Model model;
    for (int step = 0; step < 400; ++step) {
      const AccountId& account = pick(2) ? alice : bob;
      const auto ns = static_cast<std::int16_t>(std::array{0, 3, -1}[static_cast<std::size_t>(pick(3))]);
      // A hash belongs to one account and namespace, as a real one does.
      const int id = (pick(30) * 3 + (ns == 0 ? 0 : ns == 3 ? 1 : 2)) * 2 + (account == alice);
      const std::int64_t time = t0 + pick(100);
      switch (pick(7)) {
        case 0:
        case 1:
        case 2: {
          db.store(account, ns, hash(id), t0 + step, time, view("x"));
          if (ns == -1)
            model.remove_if([&](auto& m) { return m.account == account && m.ns == ns && m.hash != hash(id); });
          if (auto* known = model.find(account, hash(id)))
            known->expiry = std::max(known->expiry, time);
          else
            model.messages.push_back({hash(id), account, ns, t0 + step, time});
          break;
        }
        case 3: {
          const auto removed = db.remove(account, {hash(id), hash(id + 2), hash(id)});
          EXPECT_EQ(removed, model.remove_if([&](auto& m) {
            return m.account == account && (m.hash == hash(id) || m.hash == hash(id + 2));
          }));
          break;
        }
        case 4: {
          const std::int64_t until = t0 + step - 20;
          const bool every = pick(2);
          const auto removed = db.remove_all(account, every ? NamespaceOrAll() : NamespaceOrAll(ns), until);
          EXPECT_EQ(flat(removed), model.remove_if([&](auto& m) {
            return m.account == account && (every || m.ns == ns) && m.timestamp <= until;
          }));
          break;
        }
        case 5: {
          const auto changed = flat(db.shorten_all(account, ns, time));
          Hashes expected;
          for (auto& m : model.messages)
            if (m.account == account && m.ns == ns && m.expiry > time) m.expiry = time, expected.push_back(m.hash);
          std::sort(expected.begin(), expected.end());
          EXPECT_EQ(changed, expected);
          break;
        }
        default: {
          db.remove_expired(t0 + 3, 1000);
          model.remove_if([&](auto& m) { return m.expiry <= t0 + 3; });
        }
      }
      Hashes expected;
      for (const auto& m : model.messages)
        if (m.account == account && m.ns == ns) expected.push_back(m.hash);
      ASSERT_EQ(hashes(db, account, ns), expected) << "step " << step;
      ASSERT_EQ(db.count(), static_cast<std::int64_t>(model.messages.size())) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace argot::node
