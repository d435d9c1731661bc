#include <kernel/host/turns.h>

namespace argot::kernel {

asio::execution_context& OwnerExecutor::query(asio::execution::context_t) const noexcept { return *turns_->context_; }

Turns::Turns(asio::any_io_executor world, std::size_t batch)
    : world_(asio::require(std::move(world), asio::execution::blocking.never)),
      context_(&asio::query(world_, asio::execution::context)),
      batch_(batch) {}

TurnOwner* Turns::add_owner(std::string name) {
  owners_.push_back({std::move(name)});
  return &owners_.back();
}

void Turns::schedule() {
  scheduled_ = true;
  world_.execute([self = shared_from_this()] { self->pump(); });
}

void Turns::pump() {
  thread_ = std::this_thread::get_id();
  scheduled_ = true;  // nobody else needs to
  for (std::size_t n = 0; n < batch_; ++n) {
    if (next_ == running_.size()) {
      running_.clear();
      next_ = 0;
      if (ready_.empty()) break;
      running_.swap(ready_);
    }
    Turn turn = std::move(running_[next_++]);
    if (turn.job && !turn.owner->dead) run(turn.owner, [&] { turn.job.run(); });
  }
  scheduled_ = false;
  if (next_ < running_.size() || !ready_.empty()) schedule();
}

void Turns::push_alone(Turn turn) {
  std::size_t place = ready_.size();
  if (free_.empty()) {
    ready_.push_back(std::move(turn));
  } else {
    place = free_.back();
    free_.pop_back();
    ready_[place] = std::move(turn);
  }
  world_.execute([self = shared_from_this(), place] { self->run_alone(place); });
}

void Turns::run_alone(std::size_t place) {
  thread_ = std::this_thread::get_id();
  Turn turn = std::move(ready_[place]);
  free_.push_back(place);
  if (turn.job && !turn.owner->dead) run(turn.owner, [&] { turn.job.run(); });
}

/// Destroys what waits: of one owner, or (null) of all. Destructors of coroutines may post meanwhile.
void Turns::drop(const TurnOwner* owner) {
  for (std::vector<Turn>* list : {&running_, &ready_})
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (owner && (*list)[i].owner != owner) continue;
      SimJob dropped = std::move((*list)[i].job);
      dropped.reset();
    }
}

void Turns::kill(TurnOwner* owner) {
  owner->dead = true;
  drop(owner);
}

void Turns::kill_all() {
  dead_ = true;
  on_failure = nullptr;
  drop(nullptr);
}

}  // namespace argot::kernel
