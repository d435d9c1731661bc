// Property: whatever two people do to a conversation, one of them with two machines, over a network that loses packets,
// with clocks that are wrong and kernels that are killed in the middle, all machines end with the same conversation.
// Real envelopes, real nodes. Each seed is a test of its own; ARGOT_SIM_SEEDS=N runs the first N seeds.
#include "scene.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int usual_seeds = 2;
#else
constexpr int usual_seeds = 10;
#endif

int seeds_of_talk() {
  if (const char* given = std::getenv("ARGOT_SIM_SEEDS")) return std::max(1, std::atoi(given));
  return usual_seeds;
}

class TroubledTalk : public testing::TestWithParam<int> {
 protected:
  TroubledTalk() : random(std::uint32_t(GetParam())), net(std::uint64_t(GetParam()), options()) {
    for (const char* name : {"alice", "bob", "laptop"}) {
      // Less apart than what is believed of a peer's clock: right after its start a machine does not know the nodes'.
      net.host(name).set_clock_skew(Duration(std::int64_t(random() % 240'000'000) - 120'000'000));
      net.start_client(name);
    }
    // The laptop's own account is of no use here: it has Alice's, too.
    auto m = net.messenger("laptop");
    std::string phrase = net.messenger("alice")->recovery_phrase(alice());
    net.sim.run(net.host("laptop"), m->restore_account(std::move(phrase), {}));
    for (const std::string& name : machines) {
      Privacy open;
      open.read_receipts = open.typing = random() % 2;
      net.messenger(name)->set_privacy(self(name), open);
    }
  }
  static NetworkOptions options() {
    NetworkOptions out;
    out.log = "warning";
    out.sim.link.latency = 20ms;
    out.sim.link.jitter = 200ms;
    out.sim.link.loss = 0.02;
    return out;
  }
  const AccountId& alice() { return net.id("alice"); }
  const AccountId& self(const std::string& machine) { return machine == "bob" ? net.id("bob") : alice(); }
  const AccountId& other(const std::string& machine) { return machine == "bob" ? alice() : net.id("bob"); }

  std::vector<Message> messages(const std::string& machine) {
    HistoryQuery query;
    query.conversation = other(machine);
    query.limit = 1000;
    return net.messenger(machine)->history(self(machine), query);
  }
  Conversation conversation(const std::string& machine) {
    for (Conversation& c : net.messenger(machine)->conversations(self(machine)))
      if (c.peer == other(machine)) return std::move(c);
    return {};
  }
  void act(const std::string& machine) {
    static const char* const emoji[] = {"👍", "🎉", "😂"};
    auto m = net.messenger(machine);
    const AccountId me = self(machine), peer = other(machine);
    const auto all = messages(machine);
    const Message* target = all.empty() ? nullptr : &all[random() % all.size()];
    const unsigned what = target ? random() % 16 : 0;
    try {
      if (what < 5)
        m->send(me, peer, Draft("text " + std::to_string(random() % 1000), what == 1 ? target->id : 0));
      else if (what < 8)
        m->react(me, target->id, emoji[random() % 3], random() % 3 != 0);
      else if (what < 10)
        m->edit(me, target->id, "edited " + std::to_string(random() % 1000));
      else if (what == 10)
        m->unsend(me, target->id);
      else if (what == 11)
        m->mark_read(me, all.front().id);
      else if (what == 12)
        m->accept(me, peer);
      else if (what == 13)
        m->tell_screenshot(me, peer);
      else if (what == 14)
        m->set_typing(me, peer, true);
      else
        set_timer(*m, me, peer);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::invalid_argument) << error.sentence();  // somebody else's, or taken back
    }
  }
  /// Longer than the test: what disappears is another one's matter.
  void set_timer(Messenger& m, const AccountId& me, const AccountId& peer) {
    Disappearing timer;
    const unsigned mode = random() % 3;
    timer.mode = Disappearing::Mode(mode);
    timer.seconds = mode ? 7 * 24 * 3600 + random() % 1000 : 0;
    m.set_disappearing(me, peer, timer);
  }
  std::string shown(const std::string& machine) {
    std::set<std::string> lines;  // what was said in the same moment has no order
    for (const Message& m : messages(machine)) {
      if (m.kind == Message::Kind::screenshot) continue;  // who took it is not told
      // Of two machines the first that hears of it removes the envelope from the mailbox, and the other may never see
      // it.
      if (m.kind == Message::Kind::deleted) continue;
      std::string line = m.author.brief() + " " + std::to_string(to_ms(m.sent_at)) + " " + std::to_string(int(m.kind)) +
                         " " + m.text + (m.edited_at > Time{} ? " edited" : "") + " " + std::to_string(m.timer.seconds);
      if (m.quote) line += " > " + m.quote->author.brief() + " " + m.quote->text;
      for (const Reacted& r : m.reactions) line += " " + r.author.brief() + r.emoji;
      lines.insert(line);
    }
    const Conversation c = conversation(machine);
    std::string out = "timer " + std::to_string(int(c.timer.mode)) + " " + std::to_string(c.timer.seconds) + "\n";
    for (const std::string& line : lines) out += line + "\n";
    return out;
  }
  /// Nothing, or what differs.
  std::string differs() {
    const std::string first = shown("alice");
    for (const char* machine : {"bob", "laptop"})
      if (const std::string next = shown(machine); next != first)
        return "alice:\n" + first + machine + std::string(":\n") + next;
    return {};
  }
  bool quiet() {
    for (const std::string& machine : machines)
      if (net.messenger(machine)->waiting(self(machine)) != 0) return false;
    return differs().empty();
  }

  const std::vector<std::string> machines = {"alice", "bob", "laptop"};
  std::mt19937 random;
  SimulatedNetwork net;
};

TEST_P(TroubledTalk, EndsAlikeOnEveryMachine) {
  for (int i = 0; i < 40; ++i) {
    // Two machines of one account that write in the same millisecond cannot be told apart (client/envelope.md section
    // 10); people with two hands do not do that. How well a machine knows the nodes' time depends on the way there:
    // what lies between two deeds has to be more than its jitter and a lost packet.
    const std::string& machine = machines[random() % machines.size()];
    for (unsigned deeds = 1 + random() % 3; deeds > 0; --deeds) act(machine);
    net.sim.step_for(1500ms + Duration(std::int64_t(random() % 4'000'000)));
    if (random() % 20 == 0) {
      const std::string victim = machines[random() % machines.size()];
      net.kill(victim);
      net.start_client(victim);
    }
  }
  ASSERT_TRUE(net.sim.step_until([&] { return quiet(); }, 10min)) << differs();
  net.sim.step_for(5min);
  EXPECT_EQ(differs(), "");
}

INSTANTIATE_TEST_SUITE_P(Seeds, TroubledTalk, testing::Range(1, 1 + seeds_of_talk()));

}  // namespace
}  // namespace argot::kernel
