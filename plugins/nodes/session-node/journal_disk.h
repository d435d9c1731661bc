// A disk for journals in tests: it knows what was synchronised, it can be full or broken, and its power can go.
#pragma once
#include <argot/error.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "journal_file.h"

namespace argot::node::test {

class JournalDisk {
 public:
  /// What a process sees of it; it may be used when others of before are gone.
  std::unique_ptr<JournalFile> file() { return std::make_unique<File>(state_); }

  Bytes& bytes() { return state_->now; }
  const Bytes& aside() const { return state_->aside; }
  int syncs() const { return state_->syncs; }
  /// Writing gives an error from now on; after `good` bytes more when that is given.
  void fill(std::size_t good = 0) { state_->space = good; }
  void empty() { state_->space.reset(); }
  /// Synchronising gives an error from now on, or no longer.
  void break_sync(bool broken) { state_->sync_fails = broken; }
  /// The power goes: of what was written and not synchronised only the first `kept` bytes of the last write are there.
  void cut_power(std::size_t kept = 0) {
    Bytes after = state_->synced;
    const std::size_t end = std::min(state_->last_at + kept, state_->now.size());
    if (end > state_->last_at) {
      after.resize(std::max(after.size(), end));
      std::copy(state_->now.begin() + static_cast<std::ptrdiff_t>(state_->last_at),
                state_->now.begin() + static_cast<std::ptrdiff_t>(end),
                after.begin() + static_cast<std::ptrdiff_t>(state_->last_at));
    }
    state_->now = state_->synced = after;
  }

 private:
  struct State {
    Bytes now, synced, aside;
    std::optional<std::size_t> space;
    std::size_t last_at = 0;
    bool sync_fails = false;
    int syncs = 0;
  };
  class File final : public JournalFile {
   public:
    explicit File(std::shared_ptr<State> state) : state_(std::move(state)) {}
    Bytes read(std::size_t most) override {
      return {state_->now.begin(),
              state_->now.begin() + static_cast<std::ptrdiff_t>(std::min(most, state_->now.size()))};
    }
    void write(std::uint64_t at, ByteView bytes) override {
      const bool full = state_->space && *state_->space < bytes.size();
      const ByteView good = full ? bytes.first(*state_->space) : bytes;
      if (state_->space) *state_->space -= good.size();
      state_->last_at = static_cast<std::size_t>(at);
      state_->now.resize(std::max(state_->now.size(), state_->last_at + good.size()));
      std::copy(good.begin(), good.end(), state_->now.begin() + static_cast<std::ptrdiff_t>(at));
      if (full) throw Error(Code::resource_exhausted, "The disk of the test is full.", "Free some.");
    }
    void sync() override {
      if (state_->sync_fails) throw Error(Code::unavailable, "The disk of the test is broken.", "Mend it.");
      state_->synced = state_->now;
      ++state_->syncs;
    }
    std::string set_aside() override {
      if (!state_->aside.empty()) throw Error(Code::already_exists, "There is one already.", "Move it away.");
      state_->aside = std::exchange(state_->now, {});
      state_->synced = {};
      return "aside";
    }

   private:
    std::shared_ptr<State> state_;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace argot::node::test
