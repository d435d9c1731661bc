#pragma once
// A network that delivers late, in any order and more than once; and people who do anything.
#include <kernel/host/library.h>
#include <kernel/messenger/talk_test.h>
#include <random>

namespace argot::kernel {

/// What a person's mailbox has handed out and the disorder still holds back: outlives the kernel.
struct Held {
  std::vector<Delivery> deliveries;
  std::vector<Delivery> given;  ///< handed out, but perhaps not taken: whoever is restarted then gets it again
  std::mt19937 random;
};

/// transport/loopback, whose deliveries come late, in any order, and some of them again under another hash.
class Disorder final : public PluginOf<Transport> {
 public:
  explicit Disorder(Held& held) : held_(held) {
    const CatalogEntry& entry = built_plugins()->find("transport", "loopback");
    plugin_ = Library::load(entry.file, entry.info)->create();
    inner_ = static_cast<Transport*>(plugin_->interface(Transport::interface_id));
  }
  Task<> start(Context& ctx) override { return plugin_->start(ctx); }
  Task<> stop() override { return plugin_->stop(); }
  TransportTraits traits() const override { return inner_->traits(); }
  Task<StoreReceipt> store(StoreRequest request) override { return inner_->store(std::move(request)); }
  Task<> remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) override {
    return inner_->remove(owner, mailbox, std::move(hashes));
  }
  Task<> expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) override {
    return inner_->expire(owner, mailbox, std::move(hashes), at);
  }
  Task<Batch> receive(ReceiveRequest request) override {
    auto& held = held_.deliveries;
    if (std::exchange(begun_, true)) held_.given.clear();  // who asks again has taken it
    held.insert(held.end(), held_.given.begin(), held_.given.end());
    held_.given.clear();
    if (!held.empty()) request.wait = std::min<Duration>(request.wait, std::chrono::milliseconds(200));
    Batch batch = co_await inner_->receive(std::move(request));
    for (Delivery& delivery : batch.deliveries) {
      if (held_.random() % 4 == 0) {
        Delivery again = delivery;
        again.hash += "again";
        held.push_back(std::move(again));
      }
      held.push_back(std::move(delivery));
    }
    std::shuffle(held.begin(), held.end(), held_.random);
    const std::size_t now = held.empty() ? 0 : held_.random() % (held.size() + 1);
    batch.deliveries.assign(held.end() - std::ptrdiff_t(now), held.end());
    held.resize(held.size() - now);
    held_.given = batch.deliveries;
    co_return batch;
  }

 private:
  Held& held_;
  bool begun_ = false;
  PluginPtr plugin_;
  Transport* inner_ = nullptr;
};

inline void act(Person& self, Person& other, std::mt19937& random) {
  static const char* const emoji[] = {"👍", "🎉", "😂"};
  auto m = self.messenger();
  const auto all = self.messages();
  const unsigned what = all.empty() ? 0 : random() % 15;
  const Message* target = all.empty() ? nullptr : &all[random() % all.size()];
  try {
    if (what < 4)
      m->send(self.id(), other.id(), Draft("text " + std::to_string(random() % 1000), what == 1 ? target->id : 0));
    else if (what < 7)
      m->react(self.id(), target->id, emoji[random() % 3], random() % 3 != 0);
    else if (what < 9)
      m->edit(self.id(), target->id, "edited " + std::to_string(random() % 1000));
    else if (what < 10)
      m->unsend(self.id(), target->id);
    else if (what == 10)
      m->mark_read(self.id(), all.back().id);
    else if (what == 11)
      m->accept(self.id(), other.id());
    else if (what == 12)
      m->tell_screenshot(self.id(), other.id());
    else if (what == 13)
      m->set_typing(self.id(), other.id(), true);
    else  // longer than any test: what disappears is another one's matter
      m->set_disappearing(self.id(), other.id(),
                          random() % 3 ? Talk::timer(Content::Expiry(1 + random() % 2), 7 * 24 * 3600 + random() % 999)
                                       : Disappearing());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument) << error.sentence();  // somebody else's, or taken back
  }
}

inline void add_disorder(Kernel& kernel, Held& held) {
  kernel.host().add_builtin(Descriptor{.name = "disorder",
                                       .version = "1.0.0",
                                       .summary = "Delivers in any order",
                                       .kind = "transport",
                                       .provides = "transport/1"},
                            [&held](Host&) { return std::make_unique<Disorder>(held); });
}

}  // namespace argot::kernel
