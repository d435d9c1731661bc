#include "rounds.h"

#include "forward.h"

namespace argot::node {

/// One call of a round, and who waits for it.
struct Rounds::Seat {
  Seat(Context& ctx, CallPtr c) : call(std::move(c)), bell(ctx) {}
  CallPtr call;
  std::string body;  ///< as it goes to the others
  Service::Entries entries;
  std::exception_ptr failure;
  bool done = false;
  Doorbell bell;
};

Task<Service::Entries> Rounds::carry_out(CallPtr call) {
  const auto seat = std::make_shared<Seat>(ctx_, call);
  seat->body = encode_storage_cc(call->method, forwarded_params(*call));
  if (!next_.empty() && (next_.size() >= max_calls || next_bytes_ + seat->body.size() > max_bytes)) start();
  next_bytes_ += seat->body.size();
  next_.push_back(seat);
  if (!writing_) start();
  while (!seat->done) co_await seat->bell.wait(std::nullopt);
  if (seat->failure) std::rethrow_exception(seat->failure);
  co_return std::move(seat->entries);
}

void Rounds::start() {
  auto seats = std::make_shared<const Seats>(std::exchange(next_, {}));
  next_bytes_ = 0;
  writing_ = true;
  ctx_.spawn("round of the swarm", run(std::move(seats)));
}

Task<> Rounds::run(std::shared_ptr<const Seats> seats) {
  // However it ends, nobody waits for ever.
  struct End {
    const Seats& seats;
    std::exception_ptr failure = std::make_exception_ptr(Error(Code::cancelled, "The node stops."));
    ~End() {
      for (const auto& seat : seats) {
        seat->failure = failure;
        seat->done = true;
        seat->bell.ring();
      }
    }
  } end{*seats};
  Gather others(ctx_);
  ask_others(others, seats);
  std::vector<CallPtr> calls;
  for (const auto& seat : *seats) calls.push_back(seat->call);
  std::vector<json::object> entries;
  try {
    entries = co_await own_(std::move(calls));
  } catch (...) {
    end.failure = std::current_exception();
  }
  writing_ = false;
  if (!next_.empty()) start();
  if (entries.empty()) co_return;
  co_await others.wait();
  for (std::size_t i = 0; i < seats->size(); ++i) (*seats)[i]->entries[service_.keys().name()] = std::move(entries[i]);
  end.failure = nullptr;
}

void Rounds::ask_others(Gather& all, const std::shared_ptr<const Seats>& seats) {
  const auto peers = service_.peers();
  if (peers.empty()) return;
  auto bodies = std::make_shared<std::vector<std::string>>();
  for (const auto& seat : *seats) bodies->push_back(std::move(seat->body));
  for (const ServiceNode& peer : peers) all.spawn("call to a member of the swarm", ask(peer, bodies, seats));
}

Task<> Rounds::ask(ServiceNode peer, std::shared_ptr<const std::vector<std::string>> bodies,
                   std::shared_ptr<const Seats> seats) {
  const std::string name = to_hex(peer.ed25519);
  // A member whose answer never comes back counts as silent.
  for (const auto& seat : *seats) seat->entries[name] = {{"failed", true}, {"timeout", true}};
  std::vector<json::object> entries = co_await relay_.ask(std::move(peer), std::move(bodies));
  for (std::size_t i = 0; i < seats->size(); ++i) (*seats)[i]->entries[name] = std::move(entries[i]);
}

}  // namespace argot::node
