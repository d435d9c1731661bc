#pragma once
// The conformance kits' harness: three kernels with the plugin under examination, and whoever stands around them, in
// one simulated world.
#include <kernel/check/surroundings.h>
#include <kernel/host/kernel.h>
#include <kernel/world/sim.h>

#include <sdk/testing/harness.h>

namespace argot::kernel {

class SimHarness final : public kit::Harness {
 public:
  struct Plan {
    std::shared_ptr<const Catalog> catalog;
    CatalogEntry subject;
    Surroundings surroundings;
    std::filesystem::path scratch;  ///< emptied at first; every host keeps its files below it
  };
  /// Starts every host. `plan` must outlive it. Throws what starting a kernel throws.
  SimHarness(const Plan& plan, std::uint64_t seed);
  ~SimHarness() override;

  Slot* slot(std::size_t who, std::string_view id) override;
  Context& context(std::size_t who) override;
  void stop(std::size_t who) override;
  void kill(std::size_t who) override;
  void start(std::size_t who) override;
  kit::Usage usage(std::size_t who) const override;
  std::vector<std::string> complaints() override { return std::exchange(complaints_, {}); }
  void call(std::size_t who, std::function<void()> work) override;
  std::unique_ptr<kit::Running> begin(std::size_t who, Task<> task) override;
  bool step_until(const std::function<bool()>& reached, Duration limit) override;
  Duration uptime() const override { return world_.uptime(); }
  Time now() const override { return world_.now(); }
  bool has_network() const override { return plan_.surroundings.has_network(); }
  void cut(std::size_t who, bool off) override;
  void lose(double share) override;
  std::set<std::string> talked_to(std::size_t who) override { return std::exchange(clients_[who].talked_to, {}); }
  std::uint64_t log_hash() override { return world_.final_draw() ^ world_.log_hash(); }
  std::string real_io() override;

 private:
  class Begun;
  struct Seat {
    SimHost* host = nullptr;
    std::unique_ptr<Kernel> kernel;
    std::set<std::string> talked_to;
  };
  Profile profile_of(const Seat& seat, Profile profile) const;
  void start_seat(Seat& seat, Profile profile);
  /// With everything but the plugin under examination.
  void make_account(Seat& seat, Profile profile);
  void end_seat(Seat& seat);

  const Plan& plan_;
  SimWorld world_;
  std::vector<Seat> nodes_;
  Seat clients_[clients];
  std::vector<std::string> complaints_;
  std::vector<std::shared_ptr<void>> begun_;  ///< Asio may refer to the signal of a coroutine that has ended
};

}  // namespace argot::kernel
