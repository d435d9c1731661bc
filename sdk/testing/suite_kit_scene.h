#pragma once
// What the checks of the suite kit have in common: people, their state on disk, and their talking.
#include "suite_kit.h"

#include <map>

namespace argot::kit {

/// A suite's state, as a store with transactions keeps it.
class StateOnDisk final : public SuiteState {
 public:
  std::optional<Bytes> get(std::string_view key) override;
  void put(std::string_view key, ByteView value) override;
  void erase(std::string_view key) override;

  void begin();
  void commit();
  void roll_back();
  /// Everything that is committed: what a thief takes.
  using Values = std::map<std::string, Bytes, std::less<>>;
  const Values& values() const { return committed_; }
  void replace(Values values) { committed_ = now_ = std::move(values); }
  /// Writes of all transactions, kept or not.
  std::size_t writes() const { return writes_; }
  /// The first thing that broke the interface's rules; empty when nothing did.
  const std::string& violation() const { return violation_; }

 private:
  void used(std::string_view key);
  Values committed_, now_;
  bool open_ = false;
  std::size_t writes_ = 0;
  std::string violation_;
};

/// Three accounts in three kernels of one fresh harness.
class SuiteScene {
 public:
  enum Who : std::size_t { alice, bob, carol };
  static constexpr std::uint64_t first_time_ms = 1'767'225'600'000;

  SuiteScene(const MakeHarness& make, std::uint64_t seed);

  Harness& harness() { return *harness_; }
  Lease<Suite> suite(Who who) { return harness_->lease<Suite>(who); }
  const Identity& self(Who who) const { return *people_[who]; }
  const AccountId& id(Who who) const { return people_[who]->id(); }
  StateOnDisk& state(Who who) { return states_[who]; }
  SuiteTraits traits();

  /// Whatever the suite wants to fetch before the first seal.
  void prepare(Who from, const AccountId& peer);
  /// Seals in a transaction that commits; `as`: the identity handed to the suite, instead of `from`'s own.
  Bytes seal(Who from, Who to, ByteView content, const Identity* as = nullptr);
  Bytes seal_at(Who from, const AccountId& to, ByteView content, std::uint64_t sent_at_ms,
                const Identity* as = nullptr);
  /// Seals in a transaction that is rolled back.
  Bytes seal_in_vain(Who from, Who to, ByteView content);
  /// Opens in a transaction that commits on success and rolls back otherwise. `as` as with seal().
  Opened open(Who at, ByteView envelope, const Identity* as = nullptr);
  Opened open_in_vain(Who at, ByteView envelope);
  /// Nothing, or what went wrong: the envelope was neither refused properly nor read as what was sealed. Rolls back.
  std::string refused_or_unchanged(Who at, ByteView envelope, const AccountId& sender, ByteView content);
  /// Nothing, or what went wrong: the envelope was not refused with unauthenticated or corrupt. Rolls back.
  std::string refused(Who at, ByteView envelope, const Identity* as = nullptr);
  /// Time of the next message: one millisecond later each time.
  std::uint64_t next_time() { return ++time_ms_; }
  void freeze_time(bool frozen) { frozen_ = frozen; }
  /// Only in a restarted kernel: nothing but identity and state on disk is left.
  void restart(Who who);

 private:
  template <class F> void within(Who who, bool keep, F f);
  std::unique_ptr<Harness> harness_;
  std::unique_ptr<Identity> people_[Harness::clients];
  StateOnDisk states_[Harness::clients];
  std::set<std::pair<Who, AccountId>> prepared_;
  std::uint64_t time_ms_ = first_time_ms;
  bool frozen_ = false;
};

/// Encoded content of exactly `size` bytes, the same for equal arguments. Looks random, is valid protobuf with a field
/// that nobody knows, where the size allows (3 bytes or more).
Bytes content_of(std::size_t size, std::string_view what = "content");

void check_suite_exchange(Report& report, const MakeHarness& make, const SuiteKitOptions& options);
void check_suite_refusal(Report& report, const MakeHarness& make, const SuiteKitOptions& options);
void check_suite_secrecy(Report& report, const MakeHarness& make, const SuiteKitOptions& options);
void check_suite_state(Report& report, const MakeHarness& make, const SuiteKitOptions& options);

}  // namespace argot::kit
