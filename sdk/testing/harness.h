#pragma once
// What a conformance kit stands on: a few kernels in one repeatable world, each with the plugin under examination.
//
// `argot plugin check` gives the kits simulated kernels (kernel/check); harness_bare.h gives them objects without a
// kernel, for tests inside one program. A kit asks for a fresh harness for each of its checks, so that none disturbs
// another. Only one harness may exist at a time.
#include <argot/context.h>
#include <argot/identity.h>

#include "report.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace argot::kit {

/// What one instance has running: coroutines, timers, jobs off the loop.
struct Usage {
  std::size_t tasks = 0, waits = 0, jobs = 0;
  std::string text() const;  ///< "2 coroutines, 1 timer, 0 jobs"
  bool operator==(const Usage&) const = default;
};

/// A coroutine that the harness runs. Destroying it cancels the coroutine.
class Running {
 public:
  virtual ~Running();
  virtual bool done() const = 0;
  /// How it ended; null while it runs and when it ended well.
  virtual std::exception_ptr failure() const = 0;
  /// Asks it to end; it does so in turns of its own.
  virtual void cancel() = 0;
};

class Harness {
 public:
  static constexpr std::size_t clients = 3;

  virtual ~Harness();

  // --- kernels: 0, 1 and 2 are alike; all run at first ---
  /// The examined instance's slot for an interface in kernel `who`, or null. Valid until stop(who) or kill(who).
  virtual Slot* slot(std::size_t who, std::string_view id) = 0;
  /// The right to call it; throws Error(not_found) when it does not answer for T.
  template <class T> Lease<T> lease(std::size_t who) {
    Slot* found = slot(who, T::interface_id);
    if (!found)
      throw Error(Code::not_found,
                  "The plugin does not answer for the interface of its kind, " + std::string(T::interface_id) + ".");
    return Lease<T>(*found);
  }
  /// The context of the examined instance.
  virtual Context& context(std::size_t who) = 0;
  /// A clean stop; what the plugin keeps on disk stays. Throws what stopping threw.
  virtual void stop(std::size_t who) = 0;
  /// A power cut.
  virtual void kill(std::size_t who) = 0;
  /// After stop() or kill(): a new kernel with the same disk. Throws what starting threw.
  virtual void start(std::size_t who) = 0;
  /// What the examined instance of a running kernel has in progress now.
  virtual Usage usage(std::size_t who) const = 0;
  /// What stop() found left behind, and what else the kernels reported as errors: one sentence each. Empties the list.
  virtual std::vector<std::string> complaints() = 0;

  // --- running ---
  /// Calls `work` on the loop of kernel `who` and returns when it has run; throws what it threw.
  virtual void call(std::size_t who, std::function<void()> work) = 0;
  /// Starts a coroutine on the loop of kernel `who`.
  virtual std::unique_ptr<Running> begin(std::size_t who, Task<> task) = 0;
  /// Lets virtual time pass until reached() holds; false when `limit` has passed first.
  virtual bool step_until(const std::function<bool()>& reached, Duration limit) = 0;
  void pass(Duration time);
  virtual Duration uptime() const = 0;
  /// Wall-clock time of the world.
  virtual Time now() const = 0;
  /// Runs a coroutine to its end and throws what it threw; Error(timeout) after `limit` of virtual time.
  void run(std::size_t who, Task<> task, Duration limit = std::chrono::minutes(10));

  // --- the network around the kernels; a harness without one does nothing here ---
  virtual bool has_network() const = 0;
  /// Cuts a kernel off from everybody, and joins it again.
  virtual void cut(std::size_t who, bool off) = 0;
  /// This share of all packets is lost (and sent again).
  virtual void lose(double share) = 0;
  /// Hosts to which kernel `who` has sent packets since the last call.
  virtual std::set<std::string> talked_to(std::size_t who) = 0;

  // --- repeatability ---
  /// Equal for equal runs, to the byte.
  virtual std::uint64_t log_hash() = 0;
  /// Empty, or a sentence about code that went past the world (real timers, sockets).
  virtual std::string real_io() = 0;
};

/// Makes a fresh harness; the same seed gives the same run.
using MakeHarness = std::function<std::unique_ptr<Harness>(std::uint64_t seed)>;

/// Carries one check through: what `body` expects or throws decides.
template <class Body> void check(Report& report, std::string name, Body body) {
  Finding finding;
  std::string remark;
  try {
    if constexpr (std::is_same_v<std::invoke_result_t<Body&, Finding&>, std::string>)
      remark = body(finding);  // a measure, shown when the check holds
    else
      body(finding);
  } catch (...) {
    finding.broken_by(std::current_exception());
  }
  const bool holds = finding.holds();
  report.add(std::move(name), holds, holds ? std::move(remark) : finding.detail());
}

/// Repeatable test people: one for each kernel, and more (index above 2).
std::unique_ptr<Identity> person(std::size_t index);

/// Says to be somebody and has somebody else's keys. Each claim is one bit.
class Impostor final : public Identity {
 public:
  enum Claim : unsigned { claims_id = 1, claims_ed25519 = 2, claims_x25519 = 4, claims_all = 7 };
  /// Both must outlive it.
  Impostor(const Identity& victim, const Identity& own, unsigned claims)
      : victim_(victim), own_(own), claims_(claims) {}
  const AccountId& id() const override { return who(claims_id).id(); }
  const Fixed<32>& ed25519_public() const override { return who(claims_ed25519).ed25519_public(); }
  const Fixed<32>& x25519_public() const override { return who(claims_x25519).x25519_public(); }
  Fixed<64> sign(ByteView message) const override { return own_.sign(message); }
  Secret agree(ByteView peer) const override { return own_.agree(peer); }
  Secret derive(std::string_view label, ByteView context) const override { return own_.derive(label, context); }

 private:
  const Identity& who(Claim claim) const { return claims_ & claim ? victim_ : own_; }
  const Identity& victim_;
  const Identity& own_;
  unsigned claims_;
};

/// Repeatable bytes that look random: equal for equal (what, size).
Bytes noise(std::string_view what, std::size_t size);

/// Whether `part` occurs in `whole`.
bool contains(ByteView whole, ByteView part);

}  // namespace argot::kit
