#pragma once
// Kits without a kernel: plugin objects made in this program, on virtual time. For unit tests of a plugin and of
// the kits themselves. No network, no other plugins beyond what the plugin finds in `provided`.
#include <argot/plugin.h>

#include "bare_context.h"
#include "harness.h"

namespace argot::kit {

class BareHarness final : public Harness {
 public:
  /// Objects of this program, or what load_plugin() gives.
  using Made = std::unique_ptr<Plugin, std::function<void(Plugin*)>>;
  using Make = std::function<Made()>;
  /// Throws what start() of a plugin throws.
  BareHarness(Make make, std::uint64_t seed, const Settings& settings = {});
  ~BareHarness() override;

  Slot* slot(std::size_t who, std::string_view id) override;
  Context& context(std::size_t who) override { return *clients_[who].context; }
  void stop(std::size_t who) override;
  void kill(std::size_t who) override;
  void start(std::size_t who) override;
  Usage usage(std::size_t who) const override;
  std::vector<std::string> complaints() override { return std::exchange(complaints_, {}); }
  void call(std::size_t who, std::function<void()> work) override;
  std::unique_ptr<Running> begin(std::size_t who, Task<> task) override;
  bool step_until(const std::function<bool()>& reached, Duration limit) override;
  Duration uptime() const override { return world_.uptime; }
  Time now() const override { return world_.start + world_.uptime; }
  bool has_network() const override { return false; }
  void cut(std::size_t, bool) override {}
  void lose(double) override {}
  std::set<std::string> talked_to(std::size_t) override { return {}; }
  std::uint64_t log_hash() override { return steps_; }
  std::string real_io() override { return {}; }

 private:
  class Begun;
  struct Client {
    std::unique_ptr<BareContext> context;
    Made plugin;
    std::map<std::string, std::pair<Slot, Instance>, std::less<>> slots;
  };
  bool step(Duration until);

  Make make_;
  Settings settings_;
  std::uint64_t seed_, lives_ = 0, steps_ = 0;
  std::vector<std::shared_ptr<void>> begun_;  ///< Asio may refer to the signal of a coroutine that has ended
  BareWorld world_;
  Client clients_[clients];
  std::vector<std::string> complaints_;
};

}  // namespace argot::kit
