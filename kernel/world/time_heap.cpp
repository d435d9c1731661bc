#include <kernel/world/time_heap.h>

namespace argot::kernel {

namespace {
constexpr std::size_t arity = 4;
}

TimeHeap::~TimeHeap() {
  // A node's destructor may end a coroutine, which may cancel another wait: take the node out first, each time.
  while (!entries_.empty()) {
    Timed* node = entries_.back().node;
    if (node->cancelled_) --cancelled_;
    entries_.pop_back();
    delete node;
  }
}

std::uint64_t TimeHeap::push(std::int64_t at, Timed* node) {
  const Entry entry{at, sequence_++, node};
  std::size_t hole = entries_.size();
  entries_.push_back(entry);
  while (hole > 0) {
    const std::size_t parent = (hole - 1) / arity;
    if (!entry.before(entries_[parent])) break;
    entries_[hole] = entries_[parent];
    hole = parent;
  }
  entries_[hole] = entry;
  return entry.sequence;
}

void TimeHeap::sink(std::size_t hole, Entry entry) {
  const std::size_t size = entries_.size();
  for (;;) {
    const std::size_t first = hole * arity + 1;
    if (first >= size) break;
    const std::size_t last = std::min(first + arity, size);
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child)
      if (entries_[child].before(entries_[least])) least = child;
    if (!entries_[least].before(entry)) break;
    entries_[hole] = entries_[least];
    hole = least;
  }
  entries_[hole] = entry;
}

void TimeHeap::remove_first() {
  const Entry last = entries_.back();
  entries_.pop_back();
  if (!entries_.empty()) sink(0, last);
}

void TimeHeap::prune_first() {
  while (cancelled_ && !entries_.empty() && entries_.front().node->cancelled_) {
    Timed* node = entries_.front().node;
    remove_first();
    --cancelled_;
    delete node;
  }
}

bool TimeHeap::empty() {
  prune_first();
  return entries_.empty();
}

std::int64_t TimeHeap::next() {
  prune_first();
  return entries_.front().at;
}

Timed* TimeHeap::pop() {
  prune_first();
  Timed* node = entries_.front().node;
  remove_first();
  // The next one's turn comes soon: let its memory come meanwhile.
  if (!entries_.empty()) __builtin_prefetch(entries_.front().node);
  return node;
}

void TimeHeap::cancel(Timed* node) {
  node->cancelled_ = true;
  ++cancelled_;
  if (cancelled_ > 64 && cancelled_ > entries_.size() / 2) {
    prune_all();
    rebuild();
  }
}

void TimeHeap::prune_all() {
  if (!cancelled_) return;
  // Nobody refers to a cancelled node and it holds nothing that could call back, so deleting here is safe.
  const auto gone = [](const Entry& e) {
    const bool cancelled = e.node->cancelled_;
    if (cancelled) delete e.node;
    return cancelled;
  };
  std::erase_if(entries_, gone);
  cancelled_ = 0;
}

void TimeHeap::rebuild() {
  if (entries_.size() < 2) return;
  for (std::size_t i = (entries_.size() - 2) / arity + 1; i-- > 0;) sink(i, entries_[i]);
}

}  // namespace argot::kernel
