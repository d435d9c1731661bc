#pragma once
// Alice and Bob, talking.
#include <kernel/messenger/messenger_test.h>

#include <set>

namespace argot::kernel {

struct Talk : TwoPeople {
  explicit Talk(std::uint64_t seed = 1) : TwoPeople(seed) { bring_up(); }
  /// Over another transport, which `prepare` makes known to every kernel.
  Talk(std::uint64_t seed, const std::string& transport, std::function<void(Person&, Kernel&)> prepare)
      : TwoPeople(seed) {
    for (Person* p : {&alice, &bob}) {
      p->transport = transport;
      p->prepare = [p, prepare](Kernel& kernel) { prepare(*p, kernel); };
    }
    bring_up();
  }

  static Disappearing timer(Content::Expiry mode, std::uint32_t seconds) {
    Disappearing out;
    out.mode = mode;
    out.seconds = seconds;
    return out;
  }
  static Message last(Person& p) {
    const auto all = p.messages();
    return all.empty() ? Message() : all.back();
  }
  /// Alice sends a text; its number at Bob's.
  MessageId bob_gets(std::string text) {
    alice.send(bob.id(), text);
    EXPECT_TRUE(until([&] { return last(bob).text == text; }));
    EXPECT_TRUE(until([&] { return last(alice).state == MessageState::sent; }));
    return last(bob).id;
  }
  /// A conversation as it is shown, without what differs by nature: numbers, states, times of arrival.
  static std::string shown(Person& p) {
    std::set<std::string> lines;  // what was said in the same moment has no order
    for (const Message& m : p.messages()) {
      if (m.kind == Message::Kind::screenshot) continue;  // who took it is not told
      std::string out;
      out += m.author.brief() + " " + std::to_string(to_ms(m.sent_at)) + " " + std::to_string(int(m.kind)) + " " +
             m.text + (m.edited_at > Time{} ? " edited" : "");
      for (const Reacted& r : m.reactions) out += " " + r.author.brief() + r.emoji;
      lines.insert(out);
    }
    const auto conversations = p.messenger()->conversations(p.id());
    std::string all;
    if (!conversations.empty() && conversations.front().timer.on()) {
      const Disappearing& timer = conversations.front().timer;
      all = "timer " + std::to_string(int(timer.mode)) + " " + std::to_string(timer.seconds) + "\n";
    }
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }
  /// Nothing, or what differs.
  std::string alike() { return shown(alice) == shown(bob) ? "" : shown(alice) + "differs from\n" + shown(bob); }
};

}  // namespace argot::kernel
