#include "journal.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include "journal_disk.h"

namespace argot::node {
namespace {

constexpr Journal::Identity ours{1, 2, 3}, theirs{4, 5, 6};
constexpr std::size_t header_size = 48;

PendingMessage message(std::int64_t row, std::string_view text = "text") {
  PendingMessage out;
  out.row = row;
  out.message.account = AccountId(AccountId::person, Bytes(32, static_cast<Byte>(row)));
  out.message.ns = static_cast<std::int16_t>(-row);
  out.message.hash = "hash" + std::to_string(row);
  out.message.timestamp = 1'750'000'000'000 + row;
  out.message.expiry = 1'760'000'000'000 + row;
  out.message.data = to_bytes(view(text));
  return out;
}

void append(Journal& journal, const std::vector<PendingMessage>& messages) {
  std::vector<const PendingMessage*> each;
  for (const auto& one : messages) each.push_back(&one);
  journal.append(each);
}

void expect_same(const PendingMessage& a, const PendingMessage& b) {
  EXPECT_EQ(a.row, b.row);
  EXPECT_EQ(a.message.account, b.message.account);
  EXPECT_EQ(a.message.ns, b.message.ns);
  EXPECT_EQ(a.message.hash, b.message.hash);
  EXPECT_EQ(a.message.timestamp, b.message.timestamp);
  EXPECT_EQ(a.message.expiry, b.message.expiry);
  EXPECT_EQ(a.message.data, b.message.data);
}

std::vector<std::int64_t> rows(const Journal::Content& content) {
  std::vector<std::int64_t> out;
  for (const auto& each : content.messages) out.push_back(each.row);
  return out;
}
using Rows = std::vector<std::int64_t>;

struct JournalTest : testing::Test {
  JournalTest() {
    EXPECT_GE(sodium_init(), 0);
    journal.renew();
  }
  Journal::Content read_again(std::int64_t applied = 0) { return Journal(disk.file(), ours).read(applied); }
  test::JournalDisk disk;
  Journal journal{disk.file(), ours};
};

TEST_F(JournalTest, GivesBackWhatWasAppended) {
  append(journal, {message(5), message(6, "")});
  append(journal, {message(7, std::string(Journal::max_data, 'x'))});
  const auto found = read_again();
  EXPECT_FALSE(found.torn);
  EXPECT_FALSE(found.foreign);
  ASSERT_EQ(rows(found), (Rows{5, 6, 7}));
  expect_same(found.messages[0], message(5));
  expect_same(found.messages[1], message(6, ""));
  expect_same(found.messages[2], message(7, std::string(Journal::max_data, 'x')));
}

TEST_F(JournalTest, AnEmptyOneHoldsNothing) {
  EXPECT_EQ(rows(read_again()), Rows{});
  test::JournalDisk fresh;
  const auto found = Journal(fresh.file(), ours).read(0);
  EXPECT_TRUE(found.messages.empty() && !found.torn && !found.foreign);
}

TEST_F(JournalTest, AnAppendIsOneWait) {
  const int before = disk.syncs();
  append(journal, {message(1), message(2), message(3)});
  EXPECT_EQ(disk.syncs(), before + 1);
}

TEST_F(JournalTest, CutAtEveryByteItHoldsWhatIsWhole) {
  std::vector<std::size_t> ends;  // of each record
  for (int i = 1; i <= 5; ++i) append(journal, {message(i, std::string(static_cast<std::size_t>(i), 'x'))});
  const Bytes whole = disk.bytes();
  std::size_t at = header_size;
  for (int i = 1; i <= 5; ++i) ends.push_back(at += 4 + 16 + 60 + 5 + static_cast<std::size_t>(i));
  for (std::size_t cut = 0; cut <= at + 8; ++cut) {
    SCOPED_TRACE(cut);
    disk.bytes().assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
    const auto found = read_again();
    const auto kept = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin());
    ASSERT_EQ(found.messages.size(), kept);
    for (std::size_t i = 0; i < kept; ++i)
      expect_same(found.messages[i], message(std::int64_t(i) + 1, std::string(i + 1, 'x')));
    const bool at_a_border =
        cut == 0 || cut == header_size || std::count(ends.begin(), ends.end(), cut) || cut >= at + 4;
    EXPECT_EQ(found.torn, !at_a_border);
  }
}

TEST_F(JournalTest, ABitThatIsWrongAnywhereEndsItThere) {
  append(journal, {message(1), message(2), message(3)});
  const Bytes whole = disk.bytes();
  const std::size_t record = 4 + 16 + 60 + 5 + 4;
  for (std::size_t at = header_size; at < header_size + 3 * record; ++at)
    for (const Byte bit : {Byte(1), Byte(0x80)}) {
      SCOPED_TRACE(at);
      disk.bytes() = whole;
      disk.bytes()[at] ^= bit;
      const auto found = read_again();
      ASSERT_EQ(found.messages.size(), (at - header_size) / record);
      for (std::size_t i = 0; i < found.messages.size(); ++i)
        expect_same(found.messages[i], message(std::int64_t(i) + 1));
      EXPECT_TRUE(found.torn);
    }
}

TEST_F(JournalTest, WhatIsLeftOfOlderRecordsIsNoRecord) {
  append(journal, {message(1), message(2), message(3), message(4)});
  const Bytes before = disk.bytes();
  journal.rewind();
  append(journal, {message(5)});
  EXPECT_EQ(rows(read_again(4)), Rows{5});
  // Even if the mark of its end had never reached the disk.
  const std::size_t record = 4 + 16 + 60 + 5 + 4;
  std::copy_n(before.begin() + header_size + record, 4, disk.bytes().begin() + header_size + record);
  EXPECT_EQ(rows(read_again(4)), Rows{5});
}

TEST_F(JournalTest, ARecordOfAnotherPlaceIsNoRecordHere) {
  append(journal, {message(1), message(2), message(3)});
  const std::size_t record = 4 + 16 + 60 + 5 + 4;
  auto& bytes = disk.bytes();
  std::copy_n(bytes.begin() + header_size + 2 * record, record, bytes.begin() + header_size + record);
  EXPECT_EQ(rows(read_again()), Rows{1});
}

TEST_F(JournalTest, UsedAgainItIsNotReadAgain) {
  append(journal, {message(1), message(2)});
  EXPECT_EQ(rows(read_again(2)), Rows{}) << "the database has them";
  journal.rewind();
  EXPECT_EQ(rows(read_again(2)), Rows{});
  append(journal, {message(3)});
  EXPECT_EQ(rows(read_again(2)), Rows{3});
}

TEST_F(JournalTest, RenewedItHoldsNothing) {
  append(journal, {message(1), message(2)});
  journal.renew();
  EXPECT_EQ(rows(read_again()), Rows{});
  append(journal, {message(3)});
  EXPECT_EQ(rows(read_again()), Rows{3});
}

TEST_F(JournalTest, AnotherDatabasesIsLeftAlone) {
  append(journal, {message(1)});
  const auto found = Journal(disk.file(), theirs).read(0);
  EXPECT_TRUE(found.foreign);
  EXPECT_TRUE(found.messages.empty());
}

TEST_F(JournalTest, SomethingElsesFileIsNoJournal) {
  disk.bytes() = Bytes(5000, 'x');
  EXPECT_TRUE(read_again().foreign);
}

TEST_F(JournalTest, LengthsAreNotBelieved) {
  append(journal, {message(1)});
  for (const std::uint32_t length : {1u, 59u, 60u, 100'000u, 0x7fffffffu, 0xffffffffu}) {
    for (std::size_t i = 0; i < 4; ++i) disk.bytes()[header_size + i] = static_cast<Byte>(length >> (8 * i));
    const auto found = read_again();
    EXPECT_TRUE(found.torn && found.messages.empty()) << length;
  }
}

TEST_F(JournalTest, AfterAnErrorItWantsToBeRenewed) {
  append(journal, {message(1)});
  disk.fill(50);
  EXPECT_THROW(append(journal, {message(2)}), Error);
  EXPECT_FALSE(journal.usable());
  EXPECT_EQ(rows(read_again()), Rows{1});
  EXPECT_THROW(journal.renew(), Error);
  disk.empty();
  disk.break_sync(true);
  EXPECT_THROW(journal.renew(), Error);
  EXPECT_FALSE(journal.usable());
  disk.break_sync(false);
  journal.renew();
  append(journal, {message(3)});
  EXPECT_EQ(rows(read_again()), Rows{3});
}

TEST_F(JournalTest, PowerThatGoesInAWriteTakesOnlyThatWrite) {
  append(journal, {message(1), message(2)});
  const Bytes good = disk.bytes();
  for (std::size_t kept = 0; kept < 200; ++kept) {
    SCOPED_TRACE(kept);
    test::JournalDisk other;
    Journal writer(other.file(), ours);
    writer.renew();
    append(writer, {message(1), message(2)});
    other.break_sync(true);
    EXPECT_THROW(append(writer, {message(3), message(4)}), Error);
    other.cut_power(kept);
    const auto found = Journal(other.file(), ours).read(0);
    ASSERT_GE(found.messages.size(), 2u);
    ASSERT_LE(found.messages.size(), 4u);
    for (std::size_t i = 0; i < found.messages.size(); ++i)
      expect_same(found.messages[i], message(std::int64_t(i) + 1));
  }
}

}  // namespace
}  // namespace argot::node
