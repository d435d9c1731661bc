#include "seed_directory.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <fstream>
#include <list>

namespace argot::seed_directory {
namespace {

/// After a round that failed: a seed that is just starting, or a machine that is, needs a moment only.
constexpr Duration first_again = std::chrono::seconds(1), longest_again = std::chrono::minutes(1);
constexpr Duration hedge = std::chrono::seconds(1);

http::Limits limits_with(Duration timeout) {
  http::Limits limits;
  limits.timeout = timeout;
  limits.max_body = max_body;
  limits.idle = std::chrono::seconds(5);
  return limits;
}

std::string age_of(std::int64_t ms) {
  const std::int64_t hours = ms / 3'600'000;
  if (hours >= 48) return std::to_string(hours / 24) + " days";
  if (hours >= 2) return std::to_string(hours) + " hours";
  return std::to_string(std::max<std::int64_t>(ms / 60'000, 0)) + " minutes";
}

}  // namespace

/// One round of questions, and those who wait for its end.
struct SeedDirectory::Round {
  bool over = false;
  std::optional<Error> failure;
  std::list<Doorbell*> waiting;
  struct Place {
    std::shared_ptr<Round> round;
    Doorbell bell;
    std::list<Doorbell*>::iterator at;
    Place(std::shared_ptr<Round> r, Context& ctx)
        : round(std::move(r)), bell(ctx), at(round->waiting.insert(round->waiting.end(), &bell)) {}
    Place(const Place&) = delete;
    ~Place() { round->waiting.erase(at); }
  };
};

Task<> SeedDirectory::start(Context& ctx) {
  ctx_ = &ctx;
  stopping_ = false;
  const Settings& settings = ctx.settings();
  seeds_.clear();
  if (settings.has("seeds"))
    for (const std::string& text : settings.list("seeds")) seeds_.push_back(parse_seed(text));
  if (seeds_.empty())
    throw Error(Code::invalid_argument, "The directory \"" + ctx.name() + "\" names no seeds.",
                "Give the option seeds, a list like config/session.yaml's.");
  const Duration timeout = settings.duration("timeout");
  every_ = settings.duration("refresh");
  const std::int64_t least = settings.number("least_nodes");
  if (timeout <= Duration::zero() || timeout > std::chrono::minutes(1) || every_ < std::chrono::seconds(1) || least < 1)
    throw Error(Code::invalid_argument, "The options of \"" + ctx.name() +
                                            "\" are out of range: timeout 1ms to 60s, refresh from 1s, "
                                            "least_nodes from 1.");
  least_ = static_cast<std::size_t>(least);
  auto network = ctx.service<Network>();
  tls_.emplace(ctx, network, http::Security::tls_unverified, limits_with(timeout));
  tls_->accept_only([this](const std::string& address, const http::PeerCertificate& shown) {
    return std::ranges::any_of(seeds_,
                               [&](const Seed& seed) { return seed.address == address && seed.accepts(shown); });
  });
  plain_.emplace(ctx, network, http::Security::plain, limits_with(timeout));
  file_ = ctx.data_dir() / "nodes.json";
  read_file();
  bell_ = std::make_unique<Doorbell>(ctx);
  idle_ = std::make_unique<Doorbell>(ctx);
  ctx.spawn("asking seeds", keep_fresh());
  co_return;
}

Task<> SeedDirectory::stop() {
  stopping_ = true;
  tls_.reset();
  plain_.reset();
  bell_->ring();
  auto cancel = cancel_;
  cancel->emit(asio::cancellation_type::terminal);
  while (tasks_ > 0) co_await idle_->wait(std::nullopt);
}

// No destructor here touches this object: when a kernel is killed, frames outlive it.
void SeedDirectory::task_over() {
  if (--tasks_ == 0) idle_->ring();
}

Task<> SeedDirectory::keep_fresh() {
  ++tasks_;
  try {
    co_await ask_again_and_again();
  } catch (...) {
    ctx_->debug("Asking seeds ended: " + to_error(std::current_exception()).sentence());
  }
  task_over();
}

Task<> SeedDirectory::ask_again_and_again() {
  Duration again = first_again;
  while (!stopping_) {
    Duration pause = every_;
    try {
      co_await refresh();
      again = first_again;
    } catch (const Error& error) {
      if (stopping_ || error.code() == Code::cancelled) co_return;
      pause = std::min(every_, again);
      again = std::min(again * 2, longest_again);
      if (!nodes_.empty() && fetched_ms_)
        ctx_->warn("No seed answers, so the list of service nodes from " + age_of(to_ms(ctx_->now()) - *fetched_ms_) +
                   " ago is used: " + error.sentence());
      else
        ctx_->warn("No service node is known: " + error.sentence());
    }
    due_ = ctx_->uptime() + pause;
    while (!stopping_ && ctx_->uptime() < due_) {
      const std::optional<Duration> until = due_;
      co_await bell_->wait(until);
    }
  }
}

Task<> SeedDirectory::refresh() {
  if (!round_) {
    round_ = std::make_shared<Round>();
    // A task of its own: whoever began it may give up, and others wait for it.
    ctx_->spawn("a round of seeds", run_round(round_));
  }
  const std::shared_ptr<Round> round = round_;
  Round::Place place(round, *ctx_);
  // With a time limit, so that it ends when the directory stops.
  while (!round->over) co_await place.bell.wait(ctx_->uptime() + std::chrono::minutes(10));
  if (round->failure) throw Error(*round->failure);
}

Task<> SeedDirectory::run_round(std::shared_ptr<Round> round) {
  ++tasks_;
  round->failure.emplace(Code::cancelled, "The round of seeds was given up.");
  // Ended by stop(), and by whatever ends this coroutine.
  auto cancel = cancel_;
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.slot().is_connected()) state.slot().assign([cancel](asio::cancellation_type type) { cancel->emit(type); });
  Task<> asking = ask_all(round);
  auto token = asio::bind_cancellation_slot(cancel->slot(), asio::use_awaitable);
  try {
    co_await asio::co_spawn(ctx_->executor(), std::move(asking), std::move(token));
  } catch (...) {
    ctx_->debug("A round of seeds ended: " + to_error(std::current_exception()).sentence());
  }
  round->over = true;
  if (round_ == round) round_.reset();
  for (Doorbell* bell : round->waiting) bell->ring();
  task_over();
}

/// Seeds that are asked at the same time. Each question is a task of its own, which the round's end ends.
struct SeedDirectory::Race {
  std::optional<NodeList> won;
  std::string said;
  std::size_t running = 0;
  std::shared_ptr<Doorbell> bell;
  std::vector<std::shared_ptr<asio::cancellation_signal>> questions;
  void end() {
    const auto all = questions;  // they stay until the last question has let go of them
    for (const auto& each : all) each->emit(asio::cancellation_type::terminal);
  }
};

Task<> SeedDirectory::ask_in(std::shared_ptr<Race> race, Seed seed) {
  try {
    NodeList list = co_await ask(seed);
    if (!race->won) race->won = std::move(list);
  } catch (...) {
    race->said += (race->said.empty() ? "" : " ") + std::string(to_error(std::current_exception()).what());
  }
}

Task<> SeedDirectory::ask_all(std::shared_ptr<Round> round) {
  auto race = std::make_shared<Race>();
  race->bell = std::make_shared<Doorbell>(*ctx_);
  try {
    co_await run_race(race);
  } catch (...) {
    race->end();
    throw;
  }
  race->end();
  if (race->won) {
    take(std::move(*race->won));
    round->failure.reset();
  } else if (!stopping_) {
    round->failure.emplace(Code::unavailable,
                           "None of the " + std::to_string(seeds_.size()) + " seeds helped. " + race->said,
                           "Check the connection to the Internet, and the seeds and their pins in the profile.");
  }
}

Task<> SeedDirectory::run_race(std::shared_ptr<Race> race) {
  std::vector<Seed> order = seeds_;
  for (std::size_t left = order.size(); left > 1; --left) std::swap(order[left - 1], order[ctx_->random_below(left)]);
  auto next = order.begin();
  while (!race->won && !stopping_ && (next != order.end() || race->running > 0)) {
    std::optional<Duration> until;
    if (next != order.end()) {
      auto signal = race->questions.emplace_back(std::make_shared<asio::cancellation_signal>());
      ++tasks_;
      ++race->running;
      auto over = [this, race](std::exception_ptr) {
        --race->running;
        race->bell->ring();
        task_over();
      };
      asio::co_spawn(ctx_->executor(), ask_in(race, *next++), asio::bind_cancellation_slot(signal->slot(), over));
      until = ctx_->uptime() + hedge;
    }
    const std::size_t before = race->running;
    // Until somebody has answered somehow, or the next one may be asked too.
    while (!race->won && !stopping_ && race->running == before && (!until || ctx_->uptime() < *until))
      co_await race->bell->wait(until.value_or(ctx_->uptime() + std::chrono::minutes(10)));
  }
}

Task<NodeList> SeedDirectory::ask(Seed seed) {
  if (!tls_) throw Error(Code::cancelled, "The directory has stopped.");
  http::Request request;
  request.method = "POST";
  request.target = seed.target;
  request.body = request_body();
  http::Client& client = seed.tls ? *tls_ : *plain_;
  http::Response response = co_await client.send(seed.address, std::move(request));
  const std::string answer = "The answer of the seed " + seed.address + " ";
  if (response.status != 200)
    throw Error(Code::unavailable, answer + "has the status " + std::to_string(response.status) + ".");
  NodeList list;
  try {
    list = parse_reply(response.body);
  } catch (const Error& error) {
    throw Error(Code::unavailable, answer + error.what() + ".");
  }
  if (list.nodes.size() < least_)
    throw Error(Code::unavailable, answer + "lists " + std::to_string(list.nodes.size()) +
                                       " usable nodes, fewer than " + std::to_string(least_) + ".");
  if (list.left_out)
    ctx_->debug("The seed " + seed.address + " lists " + std::to_string(list.left_out) +
                " nodes without an address or with keys that do not belong together.");
  co_return list;
}

void SeedDirectory::offer(std::vector<ServiceNode> nodes) {
  if (stopping_ || nodes.size() < least_) return;
  NodeList list;
  list.nodes = std::move(nodes);
  take(std::move(list));
  due_ = ctx_->uptime() + every_;
}

void SeedDirectory::take(NodeList list) {
  fetched_ms_ = to_ms(ctx_->now());
  write_file(list);
  std::ranges::sort(list.nodes, {}, &ServiceNode::ed25519);
  if (list.nodes == nodes_) return;
  nodes_ = std::move(list.nodes);
  ++generation_;
}

void SeedDirectory::read_file() {
  std::ifstream in(file_, std::ios::binary);
  if (!in) return;
  std::string text(max_body + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  try {
    Kept kept = from_file(text);
    std::ranges::sort(kept.list.nodes, {}, &ServiceNode::ed25519);
    nodes_ = std::move(kept.list.nodes);
    fetched_ms_ = kept.fetched_ms;
    ++generation_;
  } catch (const Error& error) {
    ctx_->warn("The kept list of service nodes " + file_.string() + " " + error.what() + "; it is not used.");
  }
}

void SeedDirectory::write_file(const NodeList& list) {
  const std::filesystem::path fresh = file_.string() + ".new";
  std::error_code failure;
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << to_file(list, *fetched_ms_);
    out.flush();
    if (!out) failure = std::make_error_code(std::errc::io_error);
  }
  if (!failure) std::filesystem::rename(fresh, file_, failure);
  if (failure)
    ctx_->warn("The list of service nodes cannot be kept in " + file_.string() + ": " + failure.message() + ".");
}

}  // namespace argot::seed_directory
