#include <kernel/world/sim_loop.h>

#include <argot/error.h>

namespace argot::kernel {

SimLoop::SimLoop(std::uint64_t seed, Options options, SimLog& log)
    : options_(options), log_(log), order_(seed, "", "order"), context_(1), ready_(64) {}

SimLoop::~SimLoop() = default;

void SimLoop::begin_turn(SimLife& host) {
  ++host.turns;
  log_.add(now_, SimEventKind::turn, host.index, host.name, host.turns);
  if (now_ != instant_) {
    instant_ = now_;
    turns_at_instant_ = 0;
  }
  if (++turns_at_instant_ > options_.max_turns_per_instant) [[unlikely]]
    stuck(host);
}

void SimLoop::stuck(const SimLife& host) const {
  throw Error(Code::internal,
              "The simulation ran " + std::to_string(options_.max_turns_per_instant) +
                  " turns without its clock moving, the last of them on host " + host.name + ".",
              "Look there for a loop that waits for nothing, or raise SimOptions::max_turns_per_instant.");
}

void SimLoop::ready(SimLife& host, std::uint32_t life, SimJob job) {
  if (host.life != life) return bury(std::move(job));
  if (ready_count_ == ready_.size()) {
    std::vector<Turn> bigger(ready_.size() * 2);
    for (std::size_t i = 0; i < ready_count_; ++i)
      bigger[i] = std::move(ready_[(ready_first_ + i) & (ready_.size() - 1)]);
    ready_ = std::move(bigger);
    ready_first_ = 0;
  }
  Turn& turn = ready_[(ready_first_ + ready_count_++) & (ready_.size() - 1)];
  turn.host = &host;
  turn.life = life;
  turn.job = std::move(job);
}

SimLoop::Turn SimLoop::take_ready() {
  Turn& first = ready_[ready_first_];
  if (options_.shuffle && ready_count_ > 1)
    std::swap(first, ready_[(ready_first_ + order_.below(ready_count_)) & (ready_.size() - 1)]);
  Turn turn = std::move(first);
  first.host = nullptr;
  ready_first_ = (ready_first_ + 1) & (ready_.size() - 1);
  --ready_count_;
  return turn;
}

void SimLoop::happen_next() {
  auto* event = static_cast<SimEvent*>(due_.pop());
  event->happen(std::unique_ptr<SimEvent>(event));
}

bool SimLoop::step() {
  if (!ready_count_) {
    if (due_.empty()) return false;
    now_ = std::max(now_, Duration(due_.next()));
    happen_next();
    // All that falls due together is ready together, or there would be nothing to shuffle.
    while (options_.shuffle && !due_.empty() && due_.next() <= now_.count()) happen_next();
    return true;
  }
  Turn turn = take_ready();
  if (!turn.host) return true;  // dropped
  const auto job = [&turn] { turn.job.run(); };
  if (turn.host->life != turn.life) {
    bury(std::move(turn.job));
    return true;
  }
  run(*turn.host, turn.life, job);
  if (turn.job) bury(std::move(turn.job));  // the host died before it
  return true;
}

std::optional<Duration> SimLoop::next() {
  if (ready_count_) return now_;
  if (due_.empty()) return std::nullopt;
  return Duration(due_.next());
}

void SimLoop::bury(SimJob job) {
  buried_.push_back(std::move(job));
  if (!burying_) empty_graves();
}

void SimLoop::empty_graves() {
  burying_ = true;
  while (!buried_.empty()) {
    SimJob last = std::move(buried_.back());
    buried_.pop_back();
    last.reset();
  }
  burying_ = false;
}

void SimLoop::clear() {
  while (!due_.empty()) delete due_.pop();
}

void SimLoop::drop(const SimLife* host) {
  // First everything out of the queues, then destroyed: destructors reach for each other's timers.
  const bool outer = std::exchange(burying_, true);
  for (std::size_t i = 0; i < ready_count_; ++i) {
    Turn& turn = ready_[(ready_first_ + i) & (ready_.size() - 1)];
    if (!turn.host || (host && turn.host != host)) continue;
    buried_.push_back(std::move(turn.job));
    turn.host = nullptr;
  }
  std::vector<Timed*> events;
  const auto mine = [host](Timed& t) {
    const SimLife* owner = static_cast<SimEvent&>(t).owner();
    return owner && (!host || owner == host);
  };
  due_.take_if(mine, events);
  for (Timed* t : events) static_cast<SimEvent*>(t)->drop();
  for (Timed* t : events) delete t;
  burying_ = outer;
  if (!outer) empty_graves();
}

}  // namespace argot::kernel
