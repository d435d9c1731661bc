#include <kernel/world/sim.h>

#include <kernel/world/sim_sodium.h>

#include <argot/error.h>

#include <boost/asio/detail/reactor.hpp>

namespace argot::kernel {

class SimWorld::Call final : public SimEvent {
 public:
  Call(SimWorld& world, CallId id, std::function<void()> f) : world_(world), id_(id), f_(std::move(f)) {}
  void happen(std::unique_ptr<SimEvent>) override {
    world_.calls_.erase(id_);
    world_.log_.add(world_.uptime(), SimEventKind::call, ~std::uint32_t(0), "-", id_);
    f_();
  }

 private:
  SimWorld& world_;
  CallId id_;
  std::function<void()> f_;
};

SimWorld::SimWorld(std::uint64_t seed, SimOptions options)
    : seed_(seed),
      options_(options),
      loop_(seed, {.shuffle = options.shuffle, .max_turns_per_instant = options.max_turns_per_instant}, log_),
      net_(seed, loop_, options.link),
      outside_(seed, "", "outside") {
  SimSodium::install(*this);
  log_.record_text(options.log_text);
  loop_.on_death = [this](SimLife& life) { kill(life); };
}

SimWorld::~SimWorld() {
  on_log_ = nullptr;
  net_.filter = nullptr;
  net_.observers.clear();
  // All die together: one after the other would search the queues once for each.
  for (const auto& host : hosts_)
    if (host->alive()) ++host->life_.life;
  for (const auto& host : hosts_) net_.drop(host->life_);
  loop_.drop(nullptr);
  loop_.clear();
  SimSodium::remove();
}

SimHost& SimWorld::host(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return *found->second;
  if (name.empty() || name.find_first_of(" \t\n[]") != std::string_view::npos)
    throw Error(Code::invalid_argument, "\"" + std::string(name) + "\" cannot be the name of a simulated host.",
                "Use letters, digits, dots and dashes.");
  hosts_.push_back(std::make_unique<SimHost>(*this, std::string(name), static_cast<std::uint32_t>(hosts_.size())));
  by_name_.emplace(name, hosts_.back().get());
  return *hosts_.back();
}

void SimWorld::kill(SimLife& life) {
  if (!life.alive()) return;
  if (loop_.current() == &life) {
    life.die_after_turn = true;
    return;
  }
  life.die_after_turn = false;
  life.die_at_turn = ~std::uint64_t(0);
  log_.add(uptime(), SimEventKind::kill, life.index, life.name, life.turns);
  ++life.life;
  SimLife* const outer = loop_.current();
  loop_.set_current(&life);  // whose randomness its destructors draw
  net_.drop(life);
  loop_.drop(&life);
  loop_.set_current(outer);
}

// --- time ---

SimWorld::CallId SimWorld::at(Duration when, std::function<void()> f) {
  const CallId id = next_call_++;
  auto* call = new Call(*this, id, std::move(f));
  calls_[id] = call;
  loop_.at(when, call);
  return id;
}

void SimWorld::cancel(CallId id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  loop_.cancel(found->second);
  calls_.erase(found);
}

void SimWorld::step_for(Duration time) {
  const Duration end = loop_.now() + time;
  loop_.run_in_context([&] {
    for (auto next = loop_.next(); next && *next <= end; next = loop_.next()) loop_.step();
  });
  loop_.advance_to(end);
}

bool SimWorld::step_until(const std::function<bool()>& reached, Duration limit) {
  const Duration end = loop_.now() + limit;
  bool found = false;
  loop_.run_in_context([&] {
    while (!(found = reached())) {
      const auto next = loop_.next();
      if (!next) return;
      if (*next > end) return loop_.advance_to(end);
      loop_.step();
    }
  });
  return found;
}

bool SimWorld::run_until_idle(std::uint64_t max_steps) {
  loop_.run_in_context([&] {
    for (std::uint64_t i = 0; i < max_steps && loop_.step();) ++i;
  });
  return !loop_.next();
}

// --- the network ---

void SimWorld::set_link(SimHost& a, SimHost& b, Link link) {
  net_.set_link(a.life_, b.life_, link);
  net_.set_link(b.life_, a.life_, link);
}

void SimWorld::partition(SimHost& a, SimHost& b) {
  clog(a, b);
  clog(b, a);
}

void SimWorld::heal(SimHost& a, SimHost& b) {
  unclog(a, b);
  unclog(b, a);
}

// --- what happened ---

std::uint64_t SimWorld::final_draw() {
  std::uint64_t drawn = outside_.number();
  const auto mix = [&drawn](std::uint64_t n) { drawn = (drawn ^ n) * 0x9e3779b97f4a7c15 + 1; };
  for (const auto& host : hosts_) {
    if (host->random_) mix(host->random_->number());
    if (host->sodium_) mix(host->sodium_->number());
    for (auto& [name, chance] : host->chances_) mix(chance.number());
  }
  return drawn;
}

void SimWorld::check_no_real_io() {
  if (!asio::has_service<asio::detail::reactor>(loop_.context())) return;
  throw Error(
      Code::internal,
      "Something in this simulation made a real timer, socket, resolver or signal handler, so its runs do not repeat.",
      "Use Context::sleep, Context::wait_until and the Network service instead of Asio's objects.");
}

}  // namespace argot::kernel
