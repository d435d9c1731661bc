#include <kernel/host/resolver.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> order(const std::vector<Wanted>& all, const std::vector<std::string>& given = {}) {
  std::vector<std::string> titles;
  for (std::size_t i : start_order(all, given, nullptr)) titles.push_back(all[i].title);
  return titles;
}

std::string failure(const std::vector<Wanted>& all) {
  try {
    order(all);
  } catch (const Error& error) {
    return error.what();
  }
  return "no failure";
}

const Wanted os{"os", "network", {"network/1"}, {}};
const Wanted list{"list", "directory", {"directory/1"}, {"network/1"}};
const Wanted swarm{"swarm", "transport", {"transport/1"}, {"network/1", "directory/1"}};
const Wanted first{"first", "crypto", {"suite/1"}, {}};
const Wanted second{"second", "crypto", {"suite/1"}, {}};
const Wanted messenger{"messenger", "messenger", {"messenger/1"}, {"suite/1", "transport/1"}};
const Wanted echo{"echo", "app", {"app/1"}, {"messenger/1"}};

TEST(Resolver, PutsEverythingAfterWhatItNeeds) {
  EXPECT_THAT(order({echo, messenger, swarm, first, list, os}),
              ElementsAre("os", "list", "first", "swarm", "messenger", "echo"));
}

TEST(Resolver, KeepsTheOrderOfTheProfileWhereNeedsDoNotDecide) {
  EXPECT_THAT(order({second, first}), ElementsAre("second", "first"));
  EXPECT_THAT(order({first, second}), ElementsAre("first", "second"));
}

TEST(Resolver, AnInterfaceWithSeveralProvidersComesAfterAllOfThem) {
  EXPECT_THAT(order({messenger, second, swarm, list, first, os}),
              ElementsAre("os", "list", "second", "first", "swarm", "messenger"));
}

TEST(Resolver, WhatTheWorldGivesNeedsNoPlugin) {
  Wanted sim{"sim", "network", {"network/1"}, {"fabric/1"}};
  EXPECT_THAT(order({sim}, {"fabric/1"}), ElementsAre("sim"));
  EXPECT_EQ(failure({sim}), "sim needs fabric/1, which nothing in the profile provides.");
}

TEST(Resolver, AMissingRequirementIsNamedWithItsWholeChain) {
  EXPECT_EQ(failure({echo, messenger, swarm, list, first}),
            "echo needs messenger/1, which messenger provides, which needs transport/1, which swarm provides, which "
            "needs network/1, "
            "which nothing in the profile provides.");
  EXPECT_EQ(failure({echo, messenger, first}),
            "echo needs messenger/1, which messenger provides, which needs transport/1, which nothing in the profile "
            "provides.");
}

TEST(Resolver, ACircleIsNamedWithoutWhatLeadsToIt) {
  Wanted a{"a", "directory", {"directory/1"}, {"transport/1"}}, b{"b", "transport", {"transport/1"}, {"directory/1"}};
  Wanted before{"before", "app", {"app/1"}, {"directory/1", "transport/1"}};
  EXPECT_EQ(failure({a, b}),
            "The plugins need each other in a circle: b needs directory/1, which a provides, which needs transport/1, "
            "which b provides.");
  EXPECT_EQ(failure({before, a, b}),
            "The plugins need each other in a circle: a needs transport/1, which b provides, which needs directory/1, "
            "which a provides.");
  Wanted self{"self", "transport", {"transport/1"}, {"transport/1"}};
  EXPECT_EQ(failure({self}), "The plugins need each other in a circle: self needs transport/1, which self provides.");
}

TEST(Resolver, OptionalComponentsJoinWhenNeededOrWhenTheyCanWork) {
  EXPECT_THAT(joining({os, list, swarm, first}, {messenger}, {}), ElementsAre(0u));
  EXPECT_THAT(joining({os}, {messenger}, {}), ElementsAre());
  EXPECT_THAT(joining({echo}, {messenger}, {}), ElementsAre(0u))
      << "its missing needs are then reported with the chain";
  EXPECT_THAT(joining({{"mine", "messenger", {"messenger/1"}, {}}, os}, {messenger}, {}), ElementsAre())
      << "a plugin replaces it";
  Wanted control{"control", "control", {"control/1"}, {"messenger/1"}};
  EXPECT_THAT(joining({os, list, swarm, first}, {control, messenger}, {}), ElementsAre(1u, 0u))
      << "one brings the other";
}

}  // namespace
}  // namespace argot::kernel
