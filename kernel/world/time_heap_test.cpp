#include <kernel/world/time_heap.h>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace argot::kernel {
namespace {

struct Item : Timed {
  Item(int number, int& living) : number(number), living(living) { ++living; }
  ~Item() override { --living; }
  int number;
  int& living;
};

class TimeHeapTest : public testing::Test {
 protected:
  Item* add(std::int64_t at) {
    auto* item = new Item(next_++, living);
    heap.push(at, item);
    return item;
  }
  int pop() {
    std::unique_ptr<Timed> first(heap.pop());
    return static_cast<Item&>(*first).number;
  }
  int living = 0;
  TimeHeap heap;

 private:
  int next_ = 0;
};

TEST_F(TimeHeapTest, GivesTheEarliestFirstAndEqualTimesInTheOrderAdded) {
  for (std::int64_t at : {30, 10, 20, 10, 30, 10}) add(at);
  std::vector<int> order;
  while (!heap.empty()) order.push_back(pop());
  EXPECT_EQ(order, (std::vector{1, 3, 5, 2, 0, 4}));
}

TEST_F(TimeHeapTest, ForgetsWhatIsCancelled) {
  Item* first = add(1);
  add(2);
  Item* third = add(3);
  heap.cancel(first);
  heap.cancel(third);
  EXPECT_EQ(heap.size(), 1u);
  EXPECT_EQ(heap.next(), 2);
  EXPECT_EQ(pop(), 1);
  EXPECT_TRUE(heap.empty());
  EXPECT_EQ(living, 0);
}

TEST_F(TimeHeapTest, DoesNotGrowWithDeadlinesThatAreSetAndTakenBack) {
  add(1'000'000);
  for (int i = 0; i < 100'000; ++i) {
    heap.cancel(add(2'000'000 + i));
    ASSERT_LE(living, 200);
  }
}

TEST_F(TimeHeapTest, AgreesWithAnOrderedMapUnderRandomUse) {
  std::mt19937 random(7);
  std::multimap<std::int64_t, Item*> model;  // keeps the order of insertion among equals
  for (int i = 0; i < 200'000; ++i) {
    const auto what = random() % 10;
    if (what < 5 || model.empty()) {
      const std::int64_t at = random() % 1000;
      model.emplace(at, add(at));
    } else if (what < 8) {
      ASSERT_EQ(heap.next(), model.begin()->first);
      const int expected = model.begin()->second->number;
      ASSERT_EQ(pop(), expected);
      model.erase(model.begin());
    } else {
      auto victim = model.begin();
      std::advance(victim, random() % std::min<std::size_t>(model.size(), 20));
      heap.cancel(victim->second);
      model.erase(victim);
    }
    ASSERT_EQ(heap.size(), model.size());
  }
}

TEST_F(TimeHeapTest, TakesOutWhatIsChosenInOrder) {
  for (std::int64_t at : {5, 1, 4, 2, 3}) add(at);
  std::vector<Timed*> odd;
  heap.take_if([](Timed& t) { return static_cast<Item&>(t).number % 2 == 1; }, odd);
  ASSERT_EQ(odd.size(), 2u);
  EXPECT_EQ(static_cast<Item*>(odd[0])->number, 1);
  EXPECT_EQ(static_cast<Item*>(odd[1])->number, 3);
  for (Timed* t : odd) delete t;
  EXPECT_EQ(pop(), 4);
  EXPECT_EQ(pop(), 2);
  EXPECT_EQ(pop(), 0);
}

TEST_F(TimeHeapTest, DestroysWhatIsLeft) {
  {
    TimeHeap other;
    other.push(1, new Item(0, living));
    other.push(2, new Item(1, living));
  }
  EXPECT_EQ(living, 0);
}

}  // namespace
}  // namespace argot::kernel
