#include "session_node.h"

#include <charconv>

#include "files.h"
#include "https_face.h"

namespace argot::node {
namespace {

constexpr Duration cleanup_pause = std::chrono::seconds(10);
constexpr Duration watch_pause = std::chrono::seconds(1), first_watch_pause = std::chrono::milliseconds(20);
constexpr std::int64_t cleanup_limit = 1'000;
constexpr std::size_t max_seed_connections = 1'000;

std::string option(const Settings& settings, std::string_view name) {
  return settings.has(name) ? settings.text(name) : std::string();
}

std::pair<std::string, std::uint16_t> split(const std::string& address) {
  const auto colon = address.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  return {address.substr(0, colon), port};
}

/// The swarm of a node that is told nothing: its own, named after its key.
std::uint64_t swarm_from_key(const Fixed<32>& key) {
  std::uint64_t id = 0;
  for (int i = 0; i < 8; ++i) id = id << 8 | key[static_cast<std::size_t>(i)];
  return id == no_swarm ? 0 : id;
}

}  // namespace

SessionNode::Running::Running(Context& ctx, NodeKeys keys, std::shared_ptr<Database> db, Front::Options options,
                              OnionDesk::Options onion_options)
    : service(std::make_shared<const NodeKeys>(std::move(keys)), Facts{}),
      database(ctx, std::move(db)),
      links(ctx, ctx.service<Network>(), service.shared_keys()),
      relay(ctx, links),
      dispatcher(ctx, service, database, relay),
      debts(ctx, service, database, links, dispatcher.waiters()),
      desk(dispatcher),
      onions(ctx, service, desk, links, ctx.service<Network>(), onion_options),
      front(ctx, service, desk, onions, options),
      reachability(ctx, service, links, ctx.service<Network>()),
      link_server(
          ctx, service.shared_keys(),
          [this](ByteView key) -> const ServiceNode* {
            const ServiceNode* node = service.network().find_x25519(key);
            return node && node->swarm != no_swarm ? node : nullptr;
          },
          [this](ServiceNode, Endpoint endpoint, std::string body) { return answer_node(endpoint, std::move(body)); }),
      doorman(ctx, link_magic[0], [this](Stream stream) { return link_server.serve(std::move(stream)); }),
      seed(ctx, service),
      background(ctx),
      tick(ctx) {
  dispatcher.on_missed([this](ServiceNode peer, std::shared_ptr<const Call> call) {
    return debts.missed(std::move(peer), std::move(call));
  });
  front.on_ping([this] { reachability.was_tested(); });
  Service::Surroundings around;
  around.random_below = [&ctx](std::uint64_t n) { return ctx.random_below(n); };
  around.is_reachable = [this](const ServiceNode& node) { return reachability.is_reachable(node); };
  service.set_surroundings(std::move(around));
}

Task<LinkAnswer> SessionNode::Running::answer_node(Endpoint endpoint, std::string body) {
  LinkAnswer out;
  switch (endpoint) {
    case Endpoint::ping: out.body = "pong"; co_return out;
    case Endpoint::onion_request: co_return co_await onions.from_node(std::move(body));
    case Endpoint::data: co_return co_await debts.receive(std::move(body));
    case Endpoint::storage_cc:
    case Endpoint::storage_batch: break;
    default: throw Refused(404, "unknown endpoint");
  }
  if (!service.own_swarm()) throw Refused(503, "Snode not ready: " + service.keys().name());
  std::vector<std::string> bodies;
  const bool several = endpoint == Endpoint::storage_batch;
  if (several)
    bodies = decode_storage_batch(body);
  else
    bodies.push_back(std::move(body));
  std::vector<LinkAnswer> answers = co_await dispatcher.from_node(std::move(bodies));
  if (several)
    out.body = encode_answers(answers);
  else
    out = std::move(answers.front());
  co_return out;
}

Task<> SessionNode::start(Context& ctx) {
  ctx_ = &ctx;
  const ShardPlace place = shard_place(ctx.settings());
  Front::Options options;
  options.rate_limit = ctx.settings().flag("rate_limit");
  NodeKeys keys = load_keys(ctx, option(ctx.settings(), "key_seed"));
  if (place.is_first()) co_return co_await start_first(ctx, place, std::move(keys), options);
  further_ = std::make_unique<FurtherShard>(ctx, place, std::move(keys), options);
  co_await further_->start();
}

Task<> SessionNode::start_first(Context& ctx, ShardPlace place, NodeKeys keys, Front::Options options) {
  const Settings& settings = ctx.settings();
  auto db = std::make_shared<Database>(ctx.data_dir() / "messages.db", settings.number("max_db_size"));
  if (!db->notice().empty()) ctx.warn(db->notice());
  std::unique_ptr<Listener> listener = co_await listen_first(ctx, place.count);
  running_ = std::make_unique<Running>(ctx, std::move(keys), std::move(db), options,
                                       onion_options(settings, listener->address()));
  Running& r = *running_;
  const http::Certificate tls = load_certificate(ctx);
  open_server(r.server, ctx, r.front, tls, place.count);
  r.doorman.on_full([&r] { r.server->make_room(16); });
  r.server->set_name(Service::server_name(r.service.facts()));

  const ServiceNode self = own_record(listener->address());
  co_await r.debts.load();
  set_network(configured_network(self));
  co_await r.debts.network_changed();
  if (place.count > 1) {
    FirstShard::PeerHandler peers = [&r](Endpoint endpoint, std::string body) {
      return r.answer_node(endpoint, std::move(body));
    };
    FirstShard::Events events;
    events.tested = [&r] { r.reachability.was_tested(); };
    events.ends = [&r] { r.dispatcher.waiters().end_all(); };
    r.shards.emplace(ctx, r.service, r.front, r.desk, std::move(peers), std::move(events));
    std::string address = listener->address();
    co_await r.shards->open(std::move(address));
  }
  if (const std::string file = option(settings, "announce_file"); !file.empty()) replace_file(file, line_of(self));
  ctx.info("Service node " + r.service.keys().name() + " listens on " + listener->address() + ".");

  const std::string at = listener->address();
  r.background.spawn("HTTPS server", r.server->serve(r.doorman.others(at)));
  r.background.spawn("accepting connections", r.doorman.run(std::move(listener)));
  co_await open_seed(option(settings, "seed_listen"), std::nullopt);
  std::optional<http::Certificate> seed_tls = tls;
  co_await open_seed(option(settings, "seed_tls_listen"), std::move(seed_tls));
  r.background.spawn("housekeeping", keep_house());
  r.background.spawn("handing over", r.debts.run());
  if (settings.flag("test_peers")) r.background.spawn("tests of other nodes", r.reachability.run());
}

Task<> SessionNode::stop() {
  if (further_) co_return co_await further_->stop();
  Running& r = *running_;
  r.front.shut_down();
  r.onions.shut_down();
  r.dispatcher.waiters().end_all();
  if (r.shards) co_await r.shards->close();  // they have gone before, or lose their link
  r.stopping = true;
  r.tick.ring();
  for (http::Server& seed : r.seeds) co_await seed.finish(std::chrono::milliseconds(200));
  // What waits for other nodes ends first, then what waits for that.
  co_await r.links.close();
  co_await r.reachability.stop();
  co_await r.debts.stop();
  co_await r.link_server.close();
  r.onions.close();
  co_await r.doorman.stop();
  co_await r.server->finish();
  co_await r.background.wait();
  co_await r.database.close();
}

ServiceNode SessionNode::own_record(const std::string& address) const {
  const Settings& settings = ctx_->settings();
  const NodeKeys& keys = running_->service.keys();
  ServiceNode self;
  std::tie(self.host, self.https_port) = split(address);
  if (const std::string host = option(settings, "public_host"); !host.empty())
    self.host = host;
  else if (self.host == "0.0.0.0")
    throw Error(Code::invalid_argument,
                "The service node listens on every address and does not know which one others reach.",
                "Give its address in the option public_host.");
  self.ed25519 = keys.ed25519();
  self.x25519 = keys.x25519();
  self.swarm = swarm_from_key(self.ed25519);
  if (const std::string hex = option(settings, "swarm"); !hex.empty()) {
    const auto [end, failure] = std::from_chars(hex.data(), hex.data() + hex.size(), self.swarm, 16);
    if (failure != std::errc{} || end != hex.data() + hex.size())
      throw Error(Code::invalid_argument, "The option swarm, \"" + hex + "\", is no number in hex.",
                  "Give up to 16 hex digits, or leave it out.");
  }
  return self;
}

/// The list of the options, or the file's, or this node alone.
NodeList SessionNode::configured_network(const ServiceNode& self) {
  const Settings& settings = ctx_->settings();
  const std::string file = option(settings, "nodes_file");
  std::string lines;
  if (settings.has("nodes"))
    for (const std::string& line : settings.list("nodes")) lines += line + "\n";
  if (!lines.empty() && !file.empty())
    throw Error(Code::invalid_argument, "The options nodes and nodes_file are both given.", "Give one of them.");
  if (!file.empty()) {
    nodes_text_ = read_file(file).value_or("");  // it may come later: until then the node is in no swarm
    return NodeList::parse(nodes_text_, file);
  }
  if (!lines.empty()) return NodeList::parse(lines, "The option nodes");
  std::vector<ServiceNode> alone{self};
  return NodeList(std::move(alone));
}

void SessionNode::set_network(NodeList network) {
  Service& service = running_->service;
  const auto before = service.own_swarm();
  service.set_network(std::move(network));
  if (running_->shards) running_->shards->network_changed();
  // Who waits for messages of a swarm that is no longer ours has to look elsewhere.
  if (before && before != service.own_swarm()) running_->dispatcher.waiters().end_all();
  if (service.network().nodes().empty())
    ctx_->info("Clients are refused until the list of nodes names this node.");
  else if (!service.own_swarm())
    ctx_->warn("This node is not in the list of nodes: it refuses clients until it is.");
}

Task<> SessionNode::open_seed(std::string address, std::optional<http::Certificate> certificate) {
  if (address.empty()) co_return;
  std::unique_ptr<Listener> listener;
  {
    Handle<Network> network = ctx_->service<Network>();
    Lease<Network> lease = network.lease();
    listener = co_await lease->listen(std::move(address));
  }
  http::Limits limits;
  limits.max_body = Seed::max_body;
  limits.max_connections = max_seed_connections;
  Seed* seed = &running_->seed;
  http::HandlerFunction handler = [seed](http::Request request) { return seed->handle(std::move(request)); };
  http::Server& server = running_->seeds.emplace_back(*ctx_, std::move(handler), std::move(certificate), limits);
  ctx_->info("Clients learn of all nodes at " + listener->address() + "/json_rpc.");
  running_->background.spawn("seed", server.serve(std::move(listener)));
}

Task<> SessionNode::keep_house() {
  const bool watches = !option(ctx_->settings(), "nodes_file").empty();
  Duration next_cleanup = ctx_->uptime() + cleanup_pause;
  while (!running_->stopping) {
    std::optional<Duration> next = next_cleanup;
    // A local network that starts waits for its list; later nobody minds a second.
    const Duration pause = running_->service.own_swarm() ? watch_pause : first_watch_pause;
    if (watches) next = std::min(next_cleanup, ctx_->uptime() + pause);
    co_await running_->tick.wait(next);
    if (running_->stopping) break;
    if (watches) co_await reread_nodes();
    if (ctx_->uptime() < next_cleanup) continue;
    next_cleanup += cleanup_pause;
    running_->front.forget_idle_sources();
    running_->seed.forget_idle_sources();
    running_->links.close_idle();
    co_await remove_expired();
  }
}

Task<> SessionNode::remove_expired() {
  std::int64_t removed = cleanup_limit;
  while (removed == cleanup_limit) {  // in pieces, so that clients get their turns
    auto work = [now = to_ms(ctx_->now())](Database& db) { return db.remove_expired(now, cleanup_limit); };
    removed = 0;
    try {
      removed = co_await running_->database.run(std::move(work));
    } catch (const Refused&) {  // too busy: in ten seconds
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      ctx_->warn("Expired messages stay for now: " + error.sentence());
    }
  }
}

Task<> SessionNode::reread_nodes() {
  const std::string& file = ctx_->settings().text("nodes_file");
  bool changed = false;
  try {
    std::string text = read_file(file).value_or("");
    if (text == nodes_text_) co_return;
    set_network(NodeList::parse(text, file));
    nodes_text_ = std::move(text);
    nodes_complaint_.clear();
    changed = true;
  } catch (const Error& error) {
    // The old list stays.
    if (nodes_complaint_ != error.what()) ctx_->warn(error.sentence());
    nodes_complaint_ = error.what();
  }
  if (!changed) co_return;
  ctx_->info("The list of nodes has changed: " + std::to_string(running_->service.network().nodes().size()) +
             " nodes now.");
  co_await running_->debts.network_changed();
}

}  // namespace argot::node
