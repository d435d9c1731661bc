// Property: whatever the order in which effects come, and however often, the message ends the same.
#include <kernel/messenger/marks.h>
#include <kernel/messenger/record.h>
#include <kernel/messenger/standing.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace argot::kernel {
namespace {

StoredMessage plain() {
  StoredMessage m;
  m.author = "alice";
  m.text = "original";
  return m;
}

Effect effect(Effect::Kind kind, std::string by, std::int64_t at, std::string text) {
  Effect e;
  e.kind = kind;
  e.by = std::move(by);
  e.at_ms = at;
  e.text = std::move(text);
  return e;
}

std::string shown(const StoredMessage& m) {
  std::string out = std::to_string(m.kind) + m.text;
  const Marks marks = Marks::read(m.extra);
  for (const auto& r : marks.reactions)
    if (!r.removed) out += "|" + r.by + r.emoji + std::to_string(r.at_ms);
  return out + "@" + std::to_string(marks.edited_at_ms);
}

TEST(Marks, EveryOrderOfTheSameEffectsEndsTheSame) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::vector<Effect> effects;
    for (int i = 0; i < 20; ++i) {
      const auto at = std::int64_t(1000 + random() % 15);
      const std::string by = random() % 2 ? "alice" : "bob", emoji = random() % 2 ? "A" : "B";
      const unsigned what = random() % 8;
      if (what < 3) effects.push_back(effect(Effect::Kind::react, by, at, emoji));
      if (what >= 3 && what < 6) effects.push_back(effect(Effect::Kind::unreact, by, at, emoji));
      // A person's messages have different times.
      if (what == 6) effects.push_back(effect(Effect::Kind::edit, by, at, "edit at " + std::to_string(at)));
      if (what == 7 && seed % 3 == 0) effects.push_back(effect(Effect::Kind::unsend, by, at, ""));
    }
    std::string expected;
    for (int order = 0; order < 10; ++order) {
      std::vector<Effect> again = effects;
      again.insert(again.end(), effects.begin(), effects.begin() + std::ptrdiff_t(effects.size() / 2));
      std::shuffle(again.begin(), again.end(), random);
      StoredMessage m = plain();
      for (const Effect& e : again) apply(m, e);
      if (order == 0) expected = shown(m);
      ASSERT_EQ(shown(m), expected) << "seed " << seed;
    }
  }
}

TEST(Marks, OfOnePersonAreBounded) {
  StoredMessage m = plain();
  apply(m, effect(Effect::Kind::react, "bob", 1, "A"));
  for (int i = 1; i <= 100'000; ++i) apply(m, effect(Effect::Kind::react, "mallory", i, "e" + std::to_string(i)));
  const Marks marks = Marks::read(m.extra);
  ASSERT_EQ(marks.reactions.size(), Marks::most_of_one_person + 1);
  EXPECT_EQ(marks.reactions.front().by, "bob");  // nobody's are crowded out by somebody else's
  EXPECT_EQ(marks.reactions.back().emoji, "e100000");
  EXPECT_LT(m.extra.size(), 4096u);
}

TEST(Marks, OnlyTheAuthorEditsAndTakesBack) {
  StoredMessage m = plain();
  EXPECT_EQ(apply(m, effect(Effect::Kind::edit, "bob", 5, "forged")), Applied::refused);
  EXPECT_EQ(apply(m, effect(Effect::Kind::unsend, "bob", 5, "")), Applied::refused);
  EXPECT_EQ(m.text, "original");
}

TEST(Marks, SurviveDamage) {
  StoredMessage m = plain();
  apply(m, effect(Effect::Kind::react, "bob", 5, "A"));
  for (std::size_t cut = 0; cut <= m.extra.size(); ++cut) Marks::read(ByteView(m.extra).first(cut));
  Bytes huge(5, 0xff);
  EXPECT_TRUE(Marks::read(huge).reactions.empty());
}

TEST(CleanName, HasNoControlCharactersAndKeepsItsDirection) {
  EXPECT_EQ(clean_name("Ann\n\x1b[31m"), "Ann[31m");
  EXPECT_EQ(clean_name("\u202eevil\u2066\u200f"), "evil");
  EXPECT_EQ(clean_name("Zoë 🦓 שלום"), "Zoë 🦓 שלום");
  EXPECT_EQ(clean_name(std::string(500, 'x')).size(), 100u);
}

}  // namespace
}  // namespace argot::kernel
