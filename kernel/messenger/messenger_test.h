#pragma once
// People in a simulated world, for tests: each a kernel of its own on a host of its own.
#include <kernel/host/kernel.h>
#include <kernel/messenger/account.h>
#include <kernel/messenger/messenger.h>
#include <kernel/messenger/outbox.h>
#include <kernel/messenger/trace.h>
#include <kernel/world/sim.h>

#include <gtest/gtest.h>

#include <cstdlib>

namespace argot::kernel {

inline std::shared_ptr<const Catalog> built_plugins() {
  static auto catalog = [] {
    const char* build = std::getenv("ARGOT_BUILD_DIR");
    return std::make_shared<const Catalog>(
        std::vector<std::filesystem::path>{std::filesystem::path(build ? build : ".") / "plugins"});
  }();
  return catalog;
}

/// `data`: where the storage keeps its files; empty uses storage/memory, which keeps them in the world.
inline std::string person_profile(const std::string& storage, const std::string& transport = "loopback",
                                  const std::string& suites = "session", const std::string& media = {}) {
  return "plugins:\n  messenger: {keys: " + std::string(storage == "sqlite" ? "disk" : "memory") +
         "}\n  transport: " + transport + "\n  crypto: [" + suites + "]\n  storage: " + storage + "\n" +
         (media.empty() ? "" : "  media: [" + media + "]\n");
}

class Person {
 public:
  Person(SimWorld& sim, std::string name, std::string storage = "memory", std::filesystem::path data = {})
      : sim_(&sim), name_(std::move(name)), storage_(std::move(storage)), data_(std::move(data)) {}

  SimHost& host() { return sim_->host(name_); }
  Kernel& kernel() { return *kernel_; }
  bool up() const { return kernel_ != nullptr; }

  /// Starts the kernel without waiting for it.
  void launch() {
    Profile profile = Profile::parse(person_profile(storage_, transport, suites, media), name_ + ".yaml");
    profile.data = data_.empty() ? std::filesystem::path("/nowhere") / name_ : data_;
    kernel_ = std::make_unique<Kernel>(host(), std::move(profile), built_plugins());
    add_messenger(kernel_->host());
    if (prepare) prepare(*kernel_);
  }
  std::string transport = "loopback", suites = "session", media = {};
  /// Called with every new kernel before it starts: for components of a test's own.
  std::function<void(Kernel&)> prepare;
  void start() {
    launch();
    sim_->run(host(), kernel_->start());
  }
  void stop() {
    sim_->run(host(), kernel_->stop());
    kernel_.reset();
  }
  void restart() {
    stop();
    start();
  }
  /// The power goes off: nothing more runs, what was not committed is gone.
  void kill() {
    host().kill();
    kernel_.reset();
    host().restart();
  }

  Handle<Messenger> service() { return kernel_->service<Messenger>(); }
  Lease<Messenger> messenger() { return service().lease(); }
  AccountId create(std::string passphrase = {}) {
    auto m = messenger();
    std::string phrase;
    id_ = sim_->run(host(), m->create_account(std::move(passphrase), &phrase)).id;
    return id_;
  }
  AccountId restore(std::string phrase) {
    auto m = messenger();
    id_ = sim_->run(host(), m->restore_account(std::move(phrase), {})).id;
    return id_;
  }
  std::optional<Code> unlock_failure(AccountId id, std::string passphrase) {
    auto m = messenger();
    try {
      sim_->run(host(), m->unlock(id, std::move(passphrase)));
      return std::nullopt;
    } catch (const Error& error) {
      return error.code();
    }
  }
  const AccountId& id() const { return id_; }
  void set_id(const AccountId& id) { id_ = id; }

  MessageId send(const AccountId& peer, std::string text) { return messenger()->send(id_, peer, std::move(text)); }
  std::string refusal(const AccountId& peer, std::string text) {
    try {
      send(peer, std::move(text));
      return "accepted";
    } catch (const Error& error) {
      return error.sentence();
    }
  }
  /// Oldest first.
  std::vector<Message> messages() {
    HistoryQuery query;
    query.limit = 1000;
    std::vector<Message> all, page;
    while (!(page = messenger()->history(id_, query)).empty()) {
      all.insert(all.end(), page.begin(), page.end());
      query.before = page.back().id;
    }
    std::reverse(all.begin(), all.end());
    return all;
  }
  /// Incoming texts, oldest first.
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (const Message& m : messages())
      if (m.direction == Direction::incoming) out.push_back(m.text);
    return out;
  }
  std::vector<MessageState> states() {
    std::vector<MessageState> out;
    for (const Message& m : messages())
      if (m.direction == Direction::outgoing) out.push_back(m.state);
    return out;
  }
  std::vector<std::string> stages(MessageId id) {
    std::vector<std::string> out;
    for (const TraceStep& step : messenger()->trace(id_, id)) out.push_back(step.stage);
    return out;
  }

 private:
  SimWorld* sim_;
  std::string name_, storage_;
  std::filesystem::path data_;
  std::unique_ptr<Kernel> kernel_;
  AccountId id_;
};

struct TwoPeople {
  explicit TwoPeople(std::uint64_t seed = 1) : sim(seed) {}
  void bring_up() {
    for (Person* p : {&alice, &bob}) {
      p->start();
      p->create();
    }
  }
  template <class F> bool until(F reached, Duration limit = std::chrono::minutes(10)) {
    return sim.step_until(reached, limit);
  }
  SimWorld sim;
  Person alice{sim, "alice"}, bob{sim, "bob"};
};

}  // namespace argot::kernel
