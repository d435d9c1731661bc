// Property: both sides end with the same conversation, whatever the order in which envelopes come, however often each
// comes, and whoever is restarted meanwhile.
#include <kernel/messenger/disorder_test.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

void converge(std::uint64_t seed) {
  std::map<Person*, Held> held;
  Talk t(seed, "disorder", [&](Person& p, Kernel& kernel) { add_disorder(kernel, held[&p]); });
  std::mt19937 random{static_cast<std::uint32_t>(seed)};
  held[&t.alice].random.seed(random());
  held[&t.bob].random.seed(random());
  for (Person* p : {&t.alice, &t.bob}) {
    p->host().set_clock_skew(Duration(std::int64_t(random() % 120'000'000) - 60'000'000));
    Privacy open;
    open.read_receipts = open.typing = random() % 2;
    p->messenger()->set_privacy(p->id(), open);
  }
  for (int i = 0; i < 60; ++i) {
    const bool first = random() % 2;
    act(first ? t.alice : t.bob, first ? t.bob : t.alice, random);
    if (random() % 3 == 0) t.sim.step_for(Duration(std::int64_t(random() % 3'000'000)));
    if (random() % 25 == 0) {
      Person& victim = random() % 2 ? t.alice : t.bob;
      const AccountId id = victim.id();
      victim.restart();
      victim.set_id(id);
    }
  }
  ASSERT_TRUE(t.until([&] {
    return held[&t.alice].deliveries.empty() && held[&t.bob].deliveries.empty() &&
           t.alice.messenger()->waiting(t.alice.id()) == 0 && t.bob.messenger()->waiting(t.bob.id()) == 0 &&
           t.alike().empty();
  })) << "seed "
      << seed << "\n"
      << t.alike();
  t.sim.step_for(2min);
  EXPECT_EQ(t.alike(), "") << "seed " << seed;
}

TEST(Conversation, ConvergesWhateverTheOrderOfArrival) {
  for (std::uint64_t seed = 1; seed <= 100 && !testing::Test::HasFailure(); ++seed) converge(seed);
}

}  // namespace
}  // namespace argot::kernel
