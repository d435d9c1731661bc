#include <argot/secret.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <set>
#include <string>

namespace argot {
namespace {

TEST(Secret, IsZeroAtFirstWhateverWasThereBefore) {
  for (std::size_t size : {1u, 32u, 64u, 65u, 5000u}) {
    for (int round = 0; round < 3; ++round) {
      Secret secret(size);
      EXPECT_EQ(secret.size(), size);
      EXPECT_EQ(std::accumulate(secret.data(), secret.data() + size, 0), 0);
      std::fill_n(secret.data(), size, Byte{0xee});
    }
  }
}

TEST(Secret, EmptyOnesNeedNoMemory) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret(std::size_t{0}).empty());
  EXPECT_TRUE(Secret(ByteView()).empty());
  EXPECT_TRUE(Secret().clone().empty());
}

TEST(Secret, MovesAndClones) {
  Secret a(Bytes{1, 2, 3});
  const Byte* place = a.data();
  Secret b = std::move(a);
  EXPECT_EQ(b.data(), place);
  EXPECT_TRUE(a.empty());  // NOLINT: what a moved-from secret is, is promised
  Secret c = b.clone();
  EXPECT_NE(c.data(), b.data());
  EXPECT_TRUE(equal_secret(c.view(), b.view()));
  c = std::move(b);
  EXPECT_EQ(c.data(), place);
}

TEST(Secret, ManyAtOnceDoNotShareMemory) {
  std::vector<Secret> many;
  std::set<const Byte*> places;
  for (int i = 0; i < 1000; ++i) {
    many.emplace_back(std::size_t{64});
    std::fill_n(many.back().data(), 64, static_cast<Byte>(i));
    places.insert(many.back().data());
  }
  EXPECT_EQ(places.size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    const Byte expected = static_cast<Byte>(i);
    for (Byte byte : many[static_cast<std::size_t>(i)].view()) ASSERT_EQ(byte, expected);
  }
}

/// The flags of the mapping that holds an address.
std::string mapping_flags(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long from, to;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2)
      here = from <= reinterpret_cast<unsigned long>(address) && reinterpret_cast<unsigned long>(address) < to;
    if (here && line.starts_with("VmFlags:")) return line;
  }
  return {};
}

TEST(Secret, IsKeptOutOfCoreDumps) {
  const Secret small(32), large(4000);
  EXPECT_NE(mapping_flags(small.data()).find(" dd"), std::string::npos) << mapping_flags(small.data());
  EXPECT_NE(mapping_flags(large.data()).find(" dd"), std::string::npos) << mapping_flags(large.data());
}

TEST(Wipe, LeavesZeros) {
  Bytes bytes(40, 7);
  wipe(bytes);
  EXPECT_EQ(bytes, Bytes(40, 0));
  wipe({});
}

}  // namespace
}  // namespace argot
