#include "waiting.h"

#include <limits>

namespace argot::node {
namespace {

void add_wish(const Call& call, WaitWish& wish) {
  const auto* retrieve = std::get_if<Retrieve>(&call.params);
  if (!retrieve || retrieve->wait_ms.value_or(0) == 0) return;
  wish.ms = std::max(wish.ms, std::min(*retrieve->wait_ms, Waiters::max_wait_ms));
  wish.boxes.emplace_back(retrieve->auth.account, retrieve->ns);
}

/// Calls `each` for the parts of a batch, or for the call itself, with its reply.
template <class R, class F> void for_each_part(const Call& call, R& reply, F each) {
  const auto* batch = std::get_if<Batch>(&call.params);
  if (!batch) return each(call, reply);
  for (std::size_t i = 0; i < reply.parts.size() && i < batch->calls.size(); ++i)
    each(*batch->calls[i], reply.parts[i]);
}

}  // namespace

WaitWish wait_wish(const Call& call) {
  WaitWish wish;
  if (const auto* batch = std::get_if<Batch>(&call.params))
    for (const auto& part : batch->calls) add_wish(*part, wish);
  else
    add_wish(call, wish);
  return wish;
}

bool found_nothing(const Call& call, const Reply& reply) {
  bool nothing = true;
  for_each_part(call, reply, [&](const Call& part, const Reply& its) {
    if (!succeeded(its)) nothing = false;
    if (std::holds_alternative<Retrieve>(part.params) && its.messages != "[]") nothing = false;
  });
  return nothing;
}

void tell_waited(const Call& call, Reply& reply, std::int64_t ms) {
  for_each_part(call, reply, [&](const Call& part, Reply& its) {
    const auto* retrieve = std::get_if<Retrieve>(&part.params);
    if (retrieve && retrieve->wait_ms && its.status == 200 && its.body.is_object())
      its.body.get_object()["waited_ms"] = ms;
  });
}

struct Waiters::Ticket::State {
  explicit State(Context& ctx) : bell(ctx) {}
  Doorbell bell;
  bool rung = false, ended = false;
};

Waiters::Ticket::Ticket(Waiters& waiters, Context& ctx, std::vector<Box> boxes) : waiters_(waiters), ctx_(ctx) {
  if (boxes.empty() || waiters.waiting_ >= max_waiting) return;
  for (const Box& box : boxes) {
    std::size_t others = 0;
    const Box first(box.first, std::numeric_limits<std::int16_t>::min());
    for (auto at = waiters.places_.lower_bound(first); at != waiters.places_.end() && at->first.first == box.first;
         ++at)
      if (++others >= max_per_account) return;
  }
  state_ = std::make_shared<State>(ctx);
  for (Box& box : boxes) places_.push_back(waiters.places_.emplace(std::move(box), state_));
  ++waiters.waiting_;
}

Waiters::Ticket::~Ticket() {
  if (places_.empty()) return;
  for (const auto& place : places_) waiters_.places_.erase(place);
  --waiters_.waiting_;
}

Task<bool> Waiters::Ticket::wait(Duration deadline) {
  const auto state = state_;
  while (!state->rung && !state->ended && ctx_.uptime() < deadline) co_await state->bell.wait(deadline);
  co_return state->rung;
}

void Waiters::stored(const Box& box) {
  const auto [first, last] = places_.equal_range(box);
  for (auto at = first; at != last; ++at) {
    at->second->rung = true;
    at->second->bell.ring();
  }
}

void Waiters::end_all() {
  for (auto& [box, state] : places_) {
    state->ended = true;
    state->bell.ring();
  }
}

}  // namespace argot::node
