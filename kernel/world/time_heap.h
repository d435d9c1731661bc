#pragma once
// What is due, earliest first; what is due at the same time comes in the order it was added. The heart of both
// worlds' clocks.
//
// A 4-ary heap of (time, sequence) beside the pointers, so that sifting touches no node. Cancelling marks the node
// and leaves its entry until it surfaces or until half of the heap is such: O(1) amortised, and a deadline that is
// set and taken back with every request costs no search.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace argot::kernel {

/// What waits in a TimeHeap. The heap owns it from push() until pop() hands it back; a cancelled one it deletes.
class Timed {
 public:
  virtual ~Timed() = default;

 private:
  friend class TimeHeap;
  bool cancelled_ = false;
};

class TimeHeap {
 public:
  TimeHeap() = default;
  TimeHeap(const TimeHeap&) = delete;
  TimeHeap& operator=(const TimeHeap&) = delete;
  ~TimeHeap();

  /// `at` is in microseconds of the owner's clock. Takes ownership. Returns the place in the order of all pushes.
  std::uint64_t push(std::int64_t at, Timed* node);
  /// Nothing waits (cancelled ones do not count).
  bool empty();
  /// When the first is due; only when not empty().
  std::int64_t next();
  /// Removes the first and hands it to the caller; only when not empty().
  Timed* pop();
  /// `node` must be in the heap. It is deleted now or later: do not touch it again.
  void cancel(Timed* node);
  std::size_t size() const { return entries_.size() - cancelled_; }
  /// Removes every node for which `chosen(Timed&)` holds and appends it to `out`, in order of (time, sequence).
  template <class F> void take_if(F chosen, std::vector<Timed*>& out) {
    prune_all();
    std::vector<Entry> taken;
    std::size_t kept = 0;
    for (const Entry& e : entries_) {
      if (chosen(*e.node))
        taken.push_back(e);
      else
        entries_[kept++] = e;
    }
    entries_.resize(kept);
    rebuild();
    std::sort(taken.begin(), taken.end(), [](const Entry& a, const Entry& b) { return a.before(b); });
    for (const Entry& e : taken) out.push_back(e.node);
  }

 private:
  struct Entry {
    std::int64_t at;
    std::uint64_t sequence;
    Timed* node;
    bool before(const Entry& o) const { return at != o.at ? at < o.at : sequence < o.sequence; }
  };
  void sink(std::size_t hole, Entry entry);
  void remove_first();
  void prune_first();
  void prune_all();
  void rebuild();

  std::vector<Entry> entries_;
  std::size_t cancelled_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace argot::kernel
