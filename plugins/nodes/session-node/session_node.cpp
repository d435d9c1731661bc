#include "session_node.h"

#include <charconv>

#include "files.h"

namespace argot::node {
namespace {

constexpr Duration cleanup_pause = std::chrono::seconds(10);
constexpr Duration watch_pause = std::chrono::seconds(1), first_watch_pause = std::chrono::milliseconds(100);
constexpr std::int64_t cleanup_limit = 1'000;

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

Task<> SessionNode::start(Context& ctx) {
  ctx_ = &ctx;
  const Settings& settings = ctx.settings();
  Front::Options options;
  options.rate_limit = settings.flag("rate_limit");
  NodeKeys keys = load_keys(ctx, option(settings, "key_seed"));
  auto db = std::make_shared<Database>(ctx.data_dir() / "messages.db", settings.number("max_db_size"));
  running_ = std::make_unique<Running>(ctx, std::move(keys), std::move(db), options);
  const http::Certificate tls = certificate();
  open_server(tls);

  Handle<Network> network = ctx.service<Network>();
  Lease<Network> lease = network.lease();
  std::string address = settings.text("listen");
  std::unique_ptr<Listener> listener = co_await lease->listen(std::move(address));
  const ServiceNode self = own_record(listener->address());
  load_network(self);
  if (const std::string file = option(settings, "announce_file"); !file.empty()) replace_file(file, line_of(self));
  ctx.info("Service node " + running_->service.keys().name() + " listens on " + listener->address() + ".");

  running_->background.spawn("HTTPS server", running_->server->serve(std::move(listener)));
  running_->background.spawn("housekeeping", keep_house());
}

Task<> SessionNode::stop() {
  running_->front.shut_down();
  running_->stopping = true;
  running_->tick.ring();
  co_await running_->server->finish();
  co_await running_->background.wait();
  running_->relay.close();
  co_await running_->database.close();
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
void SessionNode::load_network(const ServiceNode& self) {
  const Settings& settings = ctx_->settings();
  const std::string file = option(settings, "nodes_file");
  std::string lines;
  if (settings.has("nodes"))
    for (const std::string& line : settings.list("nodes")) lines += line + "\n";
  if (!lines.empty() && !file.empty())
    throw Error(Code::invalid_argument, "The options nodes and nodes_file are both given.", "Give one of them.");
  Service& service = running_->service;
  if (!file.empty()) {
    nodes_text_ = read_file(file).value_or("");  // it may come later: until then the node is in no swarm
    service.set_network(NodeList::parse(nodes_text_, file));
  } else if (!lines.empty()) {
    service.set_network(NodeList::parse(lines, "The option nodes"));
  } else {
    service.set_network(NodeList({self}));
  }
  if (service.network().nodes().empty())
    ctx_->info("Clients are refused until " + file + " lists this node.");
  else if (!service.own_swarm())
    ctx_->warn("This node is not in the list of nodes: it refuses clients until it is.");
}

http::Certificate SessionNode::certificate() {
  const auto directory = ctx_->data_dir();
  const auto cert = read_file(directory / "cert.pem"), key = read_file(directory / "key.pem");
  http::Certificate out;
  if (cert && key) {
    out.certificate_pem = *cert;
    out.key_pem = *key;
    return out;
  }
  out = http::make_certificate(*ctx_, "localhost");
  replace_file(directory / "key.pem", out.key_pem, Access::owner_only);
  replace_file(directory / "cert.pem", out.certificate_pem);
  return out;
}

void SessionNode::open_server(const http::Certificate& certificate) {
  http::Limits limits;
  limits.max_body = Front::max_body;
  Front* front = &running_->front;
  http::HandlerFunction handler = [front](http::Request request) { return front->handle(std::move(request)); };
  try {
    running_->server.emplace(*ctx_, std::move(handler), certificate, limits);
  } catch (const Error& error) {
    const std::string directory = ctx_->data_dir().string();
    throw Error(error.code(), "The node's certificate in " + directory + " cannot be used: " + error.what(),
                "Remove cert.pem and key.pem there: the node makes new ones.");
  }
  running_->server->set_name(Front::server_name(running_->service.facts()));
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
    if (watches) reread_nodes();
    if (ctx_->uptime() < next_cleanup) continue;
    next_cleanup += cleanup_pause;
    running_->front.forget_idle_sources();
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

void SessionNode::reread_nodes() {
  const std::string& file = ctx_->settings().text("nodes_file");
  try {
    std::string text = read_file(file).value_or("");
    if (text == nodes_text_) return;
    running_->service.set_network(NodeList::parse(text, file));
    nodes_text_ = std::move(text);
    nodes_complaint_.clear();
    ctx_->info("The list of nodes has changed: " + std::to_string(running_->service.network().nodes().size()) +
               " nodes now.");
  } catch (const Error& error) {
    // The old list stays.
    if (nodes_complaint_ != error.what()) ctx_->warn(error.sentence());
    nodes_complaint_ = error.what();
  }
}

}  // namespace argot::node
