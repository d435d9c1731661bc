#include "further_shard.h"

#include "https_face.h"

namespace argot::node {
namespace {

constexpr Duration first_patience = std::chrono::seconds(10), retry_pause = std::chrono::milliseconds(100);
constexpr Duration house_pause = std::chrono::seconds(10), tested_pause = std::chrono::seconds(10);
constexpr Duration news_time = std::chrono::seconds(30);

}  // namespace

FurtherShard::FurtherShard(Context& ctx, ShardPlace place, NodeKeys keys, Front::Options options)
    : ctx_(ctx),
      place_(place),
      service_(std::make_shared<const NodeKeys>(std::move(keys)), Facts{}),
      links_(ctx, ctx.service<Network>(), service_.shared_keys()),
      to_first_(ctx, ctx.service<Network>(), service_.shared_keys(), shards_meet_at(ctx)),
      desk_(ctx, service_, to_first_),
      front_options_(options),
      link_server_(
          ctx, service_.shared_keys(),
          [this](ByteView key) -> const ServiceNode* {
            const ServiceNode* node = service_.network().find_x25519(key);
            return node && node->swarm != no_swarm ? node : nullptr;
          },
          [this](ServiceNode, Endpoint endpoint, std::string body) { return answer_node(endpoint, std::move(body)); }),
      doorman_(ctx, link_magic[0], [this](Stream stream) { return link_server_.serve(std::move(stream)); }),
      background_(ctx),
      tick_(ctx),
      house_(ctx) {
  Service::Surroundings around;
  around.random_below = [&ctx](std::uint64_t n) { return ctx.random_below(n); };
  service_.set_surroundings(std::move(around));
}

Task<LinkAnswer> FurtherShard::answer_node(Endpoint endpoint, std::string body) {
  if (endpoint == Endpoint::onion_request) co_return co_await onions_->from_node(std::move(body));
  if (endpoint == Endpoint::ping) {
    LinkAnswer out;
    out.body = "pong";
    co_return out;
  }
  std::string whole = encode_shard_peer(endpoint, body);
  body = {};
  co_return co_await desk_.ask_first(Endpoint::shard_peer, std::move(whole));
}

Task<ShardNews> FurtherShard::ask_news(std::string known) {
  LinkAnswer answer = co_await desk_.ask_first(Endpoint::shard_news, std::move(known), news_time);
  auto news = decode_news(answer.body);
  if (answer.status != 200 || !news) throw Refused(503, "the first shard's news cannot be read");
  co_return std::move(*news);
}

Task<ShardNews> FurtherShard::first_news() {
  const Duration until = ctx_.uptime() + first_patience;
  while (ctx_.uptime() < until) {
    try {
      std::string nothing;
      ShardNews news = co_await ask_news(std::move(nothing));
      co_return news;
    } catch (const Refused&) {  // not there yet
    }
    co_await ctx_.sleep(retry_pause);
  }
  throw Error(Code::unavailable,
              "The first shard of this node, which " + place_.text() + " works for, is not found at " +
                  shards_meet_at(ctx_) + ".",
              "Start both by \"workers:\" in one profile; both need the same data: directory, and that a short path.");
}

void FurtherShard::take(const ShardNews& news) {
  service_.set_network(NodeList::parse(news.lines, "The list of the first shard"));
}

Task<> FurtherShard::start() {
  std::exception_ptr failure;
  try {
    co_await begin();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  co_await stop();  // what runs already refers to this object
  std::rethrow_exception(failure);
}

Task<> FurtherShard::begin() {
  ShardNews news = co_await first_news();
  take(news);
  onions_.emplace(ctx_, service_, desk_, links_, ctx_.service<Network>(), onion_options(ctx_.settings(), news.address));
  front_.emplace(ctx_, service_, desk_, *onions_, front_options_);
  front_->on_ping([this] {
    if (ctx_.uptime() - told_tested_ < tested_pause || stopping_) return;
    told_tested_ = ctx_.uptime();
    background_.spawn("word of a test", tell_tested());
  });
  open_server(server_, ctx_, *front_, load_certificate(ctx_), place_.count);
  doorman_.on_full([this] { server_->make_room(16); });
  server_->set_name(Service::server_name(service_.facts()));
  std::unique_ptr<Listener> listener;
  {
    Handle<Network> network = ctx_.service<Network>();
    Lease<Network> lease = network.lease();
    listener = co_await lease->listen_shared(news.address);
  }
  const std::string at = listener->address();
  ctx_.info("S" + place_.text().substr(1) + " listens on " + at + " too.");
  background_.spawn("HTTPS server", server_->serve(doorman_.others(at)));
  background_.spawn("accepting connections", doorman_.run(std::move(listener)));
  background_.spawn("news of the network", follow_news(std::move(news)));
  background_.spawn("housekeeping", keep_house());
}

Task<> FurtherShard::follow_news(ShardNews news) {
  bool lost = false;
  while (!stopping_) {
    bool failed = false;
    try {
      ShardNews next = co_await ask_news(news.version);
      if (next.version != news.version && !stopping_) take(next);
      news = std::move(next);
    } catch (const Refused&) {
      failed = true;
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      ctx_.warn("The list of nodes stays as it was in " + place_.text() + ": " + error.sentence());
      failed = true;
    }
    if (stopping_) break;
    if (failed && !lost)
      ctx_.warn("The first shard does not answer " + place_.text() + ": calls that need it are refused with 503.");
    if (!failed && lost) ctx_.info("The first shard answers again.");
    lost = failed;
    if (failed) co_await tick_.wait(ctx_.uptime() + retry_pause);
  }
}

Task<> FurtherShard::tell_tested() {
  try {
    std::string nothing;
    co_await desk_.ask_first(Endpoint::shard_tested, std::move(nothing));
  } catch (const Refused&) {  // the next test is told
  }
}

Task<> FurtherShard::keep_house() {
  Duration next = ctx_.uptime() + house_pause;
  while (!stopping_) {
    co_await house_.wait(next);
    if (ctx_.uptime() < next) continue;
    next += house_pause;
    front_->forget_idle_sources();
    links_.close_idle();
  }
}

Task<> FurtherShard::stop() {
  stopping_ = true;
  tick_.ring();
  house_.ring();
  if (!server_) {  // it never came so far
    co_await to_first_.close();
    co_return;
  }
  front_->shut_down();
  onions_->shut_down();
  server_->stop();
  // Who is inside gets his answer from the first shard, which is still there; who waits for a message has that of now.
  try {
    std::string nothing;
    co_await desk_.ask_first(Endpoint::shard_ends, std::move(nothing), std::chrono::seconds(1));
  } catch (const Refused&) {  // it is gone already
  }
  co_await doorman_.stop();
  co_await server_->finish();
  co_await links_.close();
  co_await link_server_.close();
  onions_->close();
  co_await to_first_.close();
  co_await background_.wait();
}

}  // namespace argot::node
