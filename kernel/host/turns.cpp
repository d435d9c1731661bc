#include <kernel/host/turns.h>

namespace argot::kernel {

asio::execution_context& OwnerExecutor::query(asio::execution::context_t) const noexcept {
  return *turns_->context_;
}

Turns::Turns(asio::any_io_executor world, std::size_t batch)
    : world_(asio::require(std::move(world), asio::execution::blocking.never)),
      context_(&asio::query(world_, asio::execution::context)),
      batch_(batch) {}

TurnOwner* Turns::add_owner(std::string name) {
  owners_.push_back({std::move(name)});
  return &owners_.back();
}

void Turns::push(TurnOwner* owner, Handler<void()> f) {
  queue_.push_back({owner, std::move(f)});
  schedule();
}

void Turns::schedule() {
  if (scheduled_ || queue_.empty()) return;
  scheduled_ = true;
  world_.execute([self = shared_from_this()] { self->pump(); });
}

void Turns::pump() {
  thread_ = std::this_thread::get_id();
  scheduled_ = false;
  // Only what is ready now: what these turns add waits for the world, so that others get their turn.
  for (std::size_t n = std::min(batch_, queue_.size()); n > 0 && !queue_.empty(); --n) {
    Turn turn = std::move(queue_.front());
    queue_.pop_front();
    if (!turn.owner->dead) run(turn.owner, turn.run);
  }
  schedule();
}

void Turns::kill(TurnOwner* owner) {
  owner->dead = true;
  std::deque<Turn> rest, dropped;
  for (Turn& turn : queue_) (turn.owner == owner ? dropped : rest).push_back(std::move(turn));
  queue_ = std::move(rest);
  dropped.clear();  // last: destructors of coroutines may post
}

void Turns::kill_all() {
  dead_ = true;
  on_failure = nullptr;
  while (!queue_.empty()) {
    std::deque<Turn> dropped = std::move(queue_);
    queue_.clear();
    dropped.clear();
  }
}

}  // namespace argot::kernel
