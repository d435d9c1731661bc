#include "first_shard.h"

namespace argot::node {
namespace {

/// A shard asks again after this long even when there is no news: links that died without a word are found so.
constexpr Duration news_pause = std::chrono::seconds(20);

}  // namespace

FirstShard::FirstShard(Context& ctx, const Service& service, Front& front, LocalDesk& desk, PeerHandler peers,
                       Events events)
    : ctx_(ctx),
      service_(service),
      front_(front),
      desk_(desk),
      peers_(std::move(peers)),
      events_(std::move(events)),
      server_(
          ctx, service.shared_keys(),
          [this](ByteView key) -> const ServiceNode* {
            return std::equal(key.begin(), key.end(), self_.x25519.begin(), self_.x25519.end()) ? &self_ : nullptr;
          },
          [this](ServiceNode, Endpoint endpoint, std::string body) { return answer(endpoint, std::move(body)); },
          LinkServer::Callers::shards),
      life_(std::to_string(ctx.random_number())),
      running_(ctx) {
  self_.ed25519 = service.keys().ed25519();
  self_.x25519 = service.keys().x25519();
}

Task<> FirstShard::open(std::string address) {
  address_ = std::move(address);
  std::string meet = shards_meet_at(ctx_);
  {
    Handle<Network> network = ctx_.service<Network>();
    Lease<Network> lease = network.lease();
    listener_ = co_await lease->listen(std::move(meet));
  }
  running_.spawn("waiting for shards", accept());
}

Task<> FirstShard::accept() {
  try {
    for (;;) {
      Stream stream = co_await listener_->accept();
      running_.spawn("link of a shard", server_.serve(std::move(stream)));
    }
  } catch (const Error& error) {
    if (error.code() != Code::cancelled) ctx_.warn("No more shards can come: " + error.sentence());
  }
}

Task<LinkAnswer> FirstShard::answer(Endpoint endpoint, std::string body) {
  switch (endpoint) {
    case Endpoint::shard_news: co_return co_await news(std::move(body));
    case Endpoint::shard_tested: events_.tested(); co_return LinkAnswer();
    case Endpoint::shard_ends: events_.ends(); co_return LinkAnswer();
    case Endpoint::shard_call: {
      auto call = decode_shard_call(std::move(body));
      if (!call) throw Refused(400, "a shard's call makes no sense");
      // Counted here for all shards together.
      if (!call->call.source.empty()) front_.count(call->call.source);
      RpcAnswer answer =
          co_await desk_.serve_from(std::move(call->call), call->checked ? Origin::shard : Origin::client);
      co_return to_link(std::move(answer));
    }
    case Endpoint::shard_peer: {
      auto request = decode_shard_peer(std::move(body));
      if (!request) throw Refused(400, "a shard's request makes no sense");
      co_return co_await peers_(request->first, std::move(request->second));
    }
    default: throw Refused(404, "unknown endpoint");
  }
}

std::string FirstShard::version() const { return life_ + "." + std::to_string(changes_); }

Task<LinkAnswer> FirstShard::news(std::string known) {
  Doorbell bell(ctx_);
  const auto place = curious_.insert(curious_.end(), &bell);
  struct Leaves {
    std::list<Doorbell*>& all;
    std::list<Doorbell*>::iterator place;
    ~Leaves() { all.erase(place); }
  } leaves{curious_, place};
  const Duration until = ctx_.uptime() + news_pause;
  while (known == version() && !ending_ && ctx_.uptime() < until) co_await bell.wait(until);
  ShardNews out;
  out.version = version();
  out.address = address_;
  for (const ServiceNode& node : service_.network().nodes()) out.lines += line_of(node);
  LinkAnswer answer;
  answer.body = encode(out);
  co_return answer;
}

void FirstShard::network_changed() {
  ++changes_;
  for (Doorbell* bell : curious_) bell->ring();
}

Task<> FirstShard::close() {
  ending_ = true;
  for (Doorbell* bell : curious_) bell->ring();
  if (listener_) listener_->close();
  co_await server_.close();
  co_await running_.wait();
}

}  // namespace argot::node
