// The database and its journal: whatever happens between any two bytes, what was acknowledged is there and what was
// deleted is not.
#include <algorithm>
#include <fstream>

#include "database.h"
#include "journal_disk.h"
#include "test_support.h"

namespace argot::node {
namespace {

using test::JournalDisk;
using test::t0;
using test::TemporaryDirectory;

constexpr std::int64_t plenty = 1 << 28;
const AccountId alice(AccountId::person, Bytes(32, 1)), bob(AccountId::person, Bytes(32, 2));
const RetrieveLimits all{0, INT64_MAX};
using Hashes = std::vector<std::string>;

std::string hash(int n) {
  std::string out = "h" + std::to_string(n);
  out.resize(43, '+');
  return out;
}
Hashes hashes(Database& db, const AccountId& account, std::int16_t ns = 0, std::string_view after = "") {
  Hashes out;
  for (const auto& row : db.page(account, ns, after, all).rows) out.push_back(row.hash);
  return out;
}

struct DatabaseJournal : testing::Test {
  DatabaseJournal() { open(); }
  void open() {
    db.reset();
    db = std::make_unique<Database>(path, plenty, disk.file());
  }
  void put(int n, const AccountId& account = alice, std::int64_t expiry = t0 + 1000, std::int16_t ns = 0) {
    db->store(account, ns, hash(n), t0 + n, expiry, view("text " + std::to_string(n)));
  }
  /// The first one makes the journal; the others go into it.
  void put_several(int from, int to) {
    for (int n = from; n <= to; ++n) put(n);
  }
  /// The power goes, and comes again.
  void restart(std::size_t kept = 0) {
    db.reset();
    disk.cut_power(kept);
    open();
  }
  TemporaryDirectory directory;
  std::filesystem::path path = directory.path() / "messages.db";
  JournalDisk disk;
  std::unique_ptr<Database> db;
};

TEST_F(DatabaseJournal, NewMessagesWaitInTheJournalAndAreRead) {
  put_several(1, 5);
  EXPECT_EQ(db->pending(), 4u) << "the first one made the journal";
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2), hash(3), hash(4), hash(5)}));
  EXPECT_EQ(hashes(*db, alice, 0, hash(1)), (Hashes{hash(2), hash(3), hash(4), hash(5)}));
  EXPECT_EQ(hashes(*db, alice, 0, hash(4)), Hashes{hash(5)});
  EXPECT_EQ(hashes(*db, bob), Hashes{});
  EXPECT_EQ(db->count(), 5);
  EXPECT_EQ(db->expiry_of(alice, hash(3)), t0 + 1000);
  EXPECT_EQ(db->expiry_of(bob, hash(3)), std::nullopt);
  EXPECT_EQ(db->row_of(hash(4)), 4);
  const auto page = db->page(alice, 0, "", {3, INT64_MAX});
  EXPECT_EQ(page.rows.size(), 3u);
  EXPECT_TRUE(page.more);
  const auto rows = db->rows_from(1, SIZE_MAX, 4);
  EXPECT_EQ(rows.messages.size(), 4u);
  EXPECT_FALSE(rows.all);
  EXPECT_EQ(db->rows_from(rows.next, SIZE_MAX, 4).messages.size(), 1u);
}

TEST_F(DatabaseJournal, AfterACrashTheyAreThereInTheirOrder) {
  put_several(1, 5);
  const std::int64_t row = db->row_of(hash(4));
  restart();
  EXPECT_EQ(db->pending(), 0u);
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2), hash(3), hash(4), hash(5)}));
  EXPECT_EQ(db->row_of(hash(4)), row);
  EXPECT_EQ(db->page(alice, 0, hash(3), all).rows.at(0).data, to_bytes(view("text 4")));
  EXPECT_EQ(db->notice(), "");
  put_several(6, 8);
  restart();
  EXPECT_EQ(hashes(*db, alice).size(), 8u);
}

TEST_F(DatabaseJournal, ATransactionOfStoresIsOneWait) {
  put(1);
  const int before = disk.syncs();
  db->begin();
  put_several(2, 100);
  db->commit();
  EXPECT_EQ(disk.syncs(), before + 1);
  EXPECT_EQ(db->pending(), 99u);
}

TEST_F(DatabaseJournal, WhatIsRolledBackWasNever) {
  put_several(1, 2);
  db->begin();
  put_several(3, 4);
  EXPECT_EQ(db->count(), 4);
  db->rollback();
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2)}));
  put(5);
  EXPECT_EQ(db->row_of(hash(5)), 3);
  db->begin();
  put(6);
  db->remove(alice, {hash(1), hash(2)});  // to the tables, with everything
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(5), hash(6)}));
  db->rollback();
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2), hash(5)}));
  restart();
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2), hash(5)}));
}

TEST_F(DatabaseJournal, WhatIsDeletedStaysSo) {
  put_several(1, 6);
  EXPECT_EQ(db->remove(alice, {hash(3), hash(1)}), (Hashes{hash(1), hash(3)}));
  restart();
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(2), hash(4), hash(5), hash(6)}));
  put(7);
  put(8);
  EXPECT_EQ(db->remove_all(alice, std::nullopt, INT64_MAX).at(0).size(), 6u);
  restart();
  EXPECT_EQ(hashes(*db, alice), Hashes{});
  put(9, alice, t0 + 5);
  put(10, alice, t0 + 5);
  EXPECT_EQ(db->remove_expired(t0 + 5, 100), 2);
  restart();
  EXPECT_EQ(db->count(), 0);
}

TEST_F(DatabaseJournal, AKnownMessageIsNotStoredTwice) {
  put_several(1, 3);
  using Stored = Database::Stored;
  EXPECT_EQ(db->store(alice, 0, hash(3), t0, t0 + 10, {}).kind, Stored::exists);
  EXPECT_EQ(db->store(alice, 0, hash(1), t0, t0 + 10, {}).kind, Stored::exists);
  EXPECT_EQ(db->pending(), 2u);
  EXPECT_EQ(db->store(alice, 0, hash(3), t0, t0 + 5000, {}).kind, Stored::extended);
  restart();
  EXPECT_EQ(db->expiry_of(alice, hash(3)), t0 + 5000);
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2), hash(3)}));
}

TEST_F(DatabaseJournal, WhoseHashItIsMatters) {
  put_several(1, 2);
  EXPECT_EQ(db->store(bob, 0, hash(2), t0, t0 + 9, {}).kind, Database::Stored::fresh);
  EXPECT_EQ(db->store(bob, 0, hash(1), t0, t0 + 9, {}).kind, Database::Stored::fresh);
  EXPECT_EQ(db->expiry_of(alice, hash(2)), t0 + 1000);
  EXPECT_EQ(db->expiry_of(bob, hash(2)), t0 + 9);
  EXPECT_EQ(db->remove(bob, {hash(1), hash(2)}).size(), 2u);
  EXPECT_EQ(hashes(*db, alice).size(), 2u);
}

TEST_F(DatabaseJournal, ManyOfThemComeIntoTheTables) {
  put(1);
  const int count = static_cast<int>(Database::max_pending) + 10;
  db->begin();
  for (int n = 2; n <= count; ++n) put(n);
  db->commit();
  EXPECT_LE(db->pending(), Database::max_pending);
  EXPECT_EQ(db->count(), count);
  const Bytes big(70'000, 7);
  for (int n = 0; n < 100; ++n) {
    db->store(bob, 0, hash(100'000 + n), t0, t0 + 1, big);
    EXPECT_LE(db->pending() * big.size(), Database::max_pending_bytes);
  }
  EXPECT_LT(disk.bytes().size(), 3 * Database::max_pending_bytes);
  restart();
  EXPECT_EQ(db->count(), count + 100);
  const Hashes found = hashes(*db, alice);
  EXPECT_EQ(found.front(), hash(1));
  EXPECT_EQ(found.back(), hash(count));
}

TEST_F(DatabaseJournal, CutAtEveryByteItKeepsWhatIsWhole) {
  put(1);
  std::vector<std::size_t> sizes;
  for (int n = 2; n <= 5; ++n) put(n);
  db.reset();
  const Bytes whole = disk.bytes();
  const auto saved = directory.path() / "saved";
  std::filesystem::create_directory(saved);
  for (const char* name : {"messages.db", "messages.db-wal"})
    if (std::filesystem::exists(directory.path() / name)) std::filesystem::copy(directory.path() / name, saved / name);
  const std::size_t record = 4 + 16 + 60 + 43 + 6;
  for (std::size_t cut = 48; cut <= 48 + 4 * record + 4; cut += 1) {
    SCOPED_TRACE(cut);
    for (const char* name : {"messages.db", "messages.db-wal"}) {
      std::filesystem::remove(directory.path() / name);
      if (std::filesystem::exists(saved / name)) std::filesystem::copy(saved / name, directory.path() / name);
    }
    JournalDisk torn;
    torn.bytes().assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
    db = std::make_unique<Database>(path, plenty, torn.file());
    const int kept = 1 + static_cast<int>(std::min<std::size_t>((cut - 48) / record, 4));
    ASSERT_EQ(db->count(), kept);
    const bool border = (cut - 48) % record == 0 || cut >= 48 + 4 * record + 4;
    EXPECT_EQ(db->notice().empty(), border) << db->notice();
    put(9);
    put(10);
    ASSERT_EQ(hashes(*db, alice).size(), static_cast<std::size_t>(kept) + 2);
    db.reset();
    db = std::make_unique<Database>(path, plenty, torn.file());
    ASSERT_EQ(hashes(*db, alice).size(), static_cast<std::size_t>(kept) + 2);
    db.reset();
  }
}

TEST_F(DatabaseJournal, AFullDiskIsSaidAndRecovered) {
  put_several(1, 3);
  disk.fill(10);
  // The journal's disk is full, the tables' not: slower, and nothing is lost.
  EXPECT_THROW(put(4), Error);
  put(5);
  EXPECT_EQ(db->pending(), 0u);
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2), hash(3), hash(5)}));
  disk.empty();
  db->set_uptime(std::chrono::seconds(60));
  put(6);  // makes the journal usable again
  put(7);
  EXPECT_EQ(db->pending(), 1u);
  restart();
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2), hash(3), hash(5), hash(6), hash(7)}));
}

TEST_F(DatabaseJournal, WhatWasRefusedAndDeletedDoesNotComeBack) {
  put_several(1, 2);
  disk.break_sync(true);
  EXPECT_THROW(put(3), Error);  // all of it may be on the disk, who knows
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(2)}));
  db->remove(alice, {hash(3), hash(2)});
  restart(100'000);
  EXPECT_EQ(hashes(*db, alice), Hashes{hash(1)});
  disk.break_sync(false);
  put(4);
  put(5);
  restart();
  EXPECT_EQ(hashes(*db, alice), (Hashes{hash(1), hash(4), hash(5)}));
}

TEST_F(DatabaseJournal, ANewDatabaseTakesNothingFromAnOldJournal) {
  put_several(1, 3);
  db.reset();
  const Bytes old = disk.bytes();
  for (const char* name : {"messages.db", "messages.db-wal"}) std::filesystem::remove(directory.path() / name);
  open();
  EXPECT_EQ(disk.aside(), old) << "nothing is written over what others acknowledged";
  EXPECT_EQ(db->count(), 0);
  EXPECT_NE(db->notice().find("another database"), std::string::npos);
  put_several(1, 3);
  restart();
  EXPECT_EQ(db->count(), 3);
  EXPECT_EQ(db->notice(), "");
}

TEST_F(DatabaseJournal, AnotherNodesJournalKeepsItsContentUnderAnotherName) {
  TemporaryDirectory theirs;
  const auto their_path = theirs.path() / "messages.db", ours = directory.path() / "real.db";
  const auto store = [](Database& to, int n) { to.store(alice, 0, hash(n), t0 + n, t0 + 1000, view("text")); };
  {
    Database other(their_path, plenty);
    for (int n = 1; n <= 3; ++n) store(other, n);
    std::filesystem::copy(theirs.path() / "messages.journal", directory.path() / "real.journal");
  }
  {
    Database mine(ours, plenty);
    EXPECT_EQ(mine.count(), 0);
    EXPECT_NE(mine.notice().find("another database"), std::string::npos);
    for (int n = 11; n <= 13; ++n) store(mine, n);
  }
  Database again(ours, plenty);
  EXPECT_EQ(again.count(), 3);
  EXPECT_EQ(again.notice(), "");
  const auto bytes_of = [](const std::filesystem::path& name) {
    std::ifstream in(name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  EXPECT_EQ(bytes_of(directory.path() / "real.journal.other"), bytes_of(theirs.path() / "messages.journal"));
}

TEST_F(DatabaseJournal, AJournalOfANewerVersionIsNotWrittenOver) {
  put_several(1, 3);
  db.reset();
  disk.bytes()[14] = '2';
  const Bytes newer = disk.bytes();
  try {
    open();
    ADD_FAILURE() << "it has begun without what is in the journal";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::incompatible);
  }
  EXPECT_EQ(disk.bytes(), newer);
  disk.bytes()[14] = '1';
  open();
  EXPECT_EQ(db->count(), 3);
}

TEST_F(DatabaseJournal, AFullDatabaseRefusesWhatDoesNotFitAndNothingElse) {
  db = std::make_unique<Database>(directory.path() / "small.db", 400'000, disk.file());
  int stored = 0, refused = 0;
  for (int n = 0; n < 600; ++n) try {
      db->store(alice, 0, hash(n), t0, t0 + n, Bytes(1000, 3));
      ++stored;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::resource_exhausted);
      ++refused;
    }
  EXPECT_GT(stored, 100);
  EXPECT_GT(refused, 100);
  EXPECT_EQ(db->count(), stored);
  EXPECT_LE(std::filesystem::file_size(directory.path() / "small.db"), 500'000u);
  db->remove(alice, {hash(0), hash(1), hash(2), hash(3), hash(4), hash(5), hash(6), hash(7)});
  db->store(alice, 0, hash(1000), t0, t0 + 1, Bytes(1000, 3));
  EXPECT_EQ(db->count(), stored - 7);
}

/// What should be there, in the simplest way; the power goes off now and then, in the middle of a write too.
TEST_F(DatabaseJournal, DoesWhatASimpleModelDoesThroughPowerCuts) {
  struct Message {
    std::string hash;
    AccountId account;
    std::int64_t expiry;
  };
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    path = directory.path() / (std::to_string(seed) + ".db");
    disk = {};
    open();
    std::vector<Message> model;
    const auto remove_if = [&](auto unwanted) { std::erase_if(model, unwanted); };
    for (int step = 0; step < 150; ++step) {
      const AccountId& account = pick(2) ? alice : bob;
      const int id = pick(40) * 2 + (account == alice);
      const std::int64_t expiry = t0 + pick(100);
      auto known = std::find_if(model.begin(), model.end(), [&](auto& m) { return m.hash == hash(id); });
      db->set_uptime(std::chrono::seconds(20 * step));
      switch (pick(12)) {
        case 0:
          db->remove(account, {hash(id)});
          remove_if([&](auto& m) { return m.hash == hash(id); });
          break;
        case 1:
          db->remove_expired(t0 + 5, 1000);
          remove_if([&](auto& m) { return m.expiry <= t0 + 5; });
          break;
        case 2:
        case 3: {
          // A store whose write is cut off somewhere: it may be there afterwards, whole, and nothing else changes.
          disk.break_sync(true);
          bool stored = true;
          try {
            db->store(account, 0, hash(id), t0, expiry, view("data"));
          } catch (const Error&) {
            stored = false;
          }
          const bool was_known = known != model.end();
          if (stored && was_known)
            known->expiry = std::max(known->expiry, expiry);
          else if (stored)
            model.push_back({hash(id), account, expiry});
          restart(static_cast<std::size_t>(pick(3)) * 80);
          disk.break_sync(false);
          if (!stored && db->expiry_of(account, hash(id)) && !was_known) model.push_back({hash(id), account, expiry});
          break;
        }
        case 4: restart(); break;
        default: {
          db->begin();
          for (int i = 0; i < 3; ++i) {
            const int each = (id + 2 * i) % 80;
            db->store(account, 0, hash(each), t0, expiry, view("data"));
          }
          if (pick(5) == 0) {
            db->rollback();
            break;
          }
          db->commit();
          for (int i = 0; i < 3; ++i) {
            const int each = (id + 2 * i) % 80;
            known = std::find_if(model.begin(), model.end(), [&](auto& m) { return m.hash == hash(each); });
            if (known != model.end())
              known->expiry = std::max(known->expiry, expiry);
            else
              model.push_back({hash(each), account, expiry});
          }
        }
      }
      for (const AccountId* each : {&alice, &bob}) {
        Hashes expected;
        for (const auto& m : model)
          if (m.account == *each) expected.push_back(m.hash);
        ASSERT_EQ(hashes(*db, *each), expected) << "step " << step;
      }
      for (const auto& m : model) ASSERT_EQ(db->expiry_of(m.account, m.hash), m.expiry) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace argot::node
