#include "onion_caller.h"

#include "path_answer.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

namespace argot::swarm {
namespace {

constexpr int attempts = 3, test_rounds = 8;
constexpr Duration longest_hold = std::chrono::seconds(25), test_pause = std::chrono::seconds(2);
constexpr std::size_t offload_from = 64 * 1024;  // wrapping or opening more takes over a millisecond

http::Limits limits_with(Duration timeout) {
  http::Limits limits;
  limits.timeout = timeout;
  limits.max_connections_per_host = 32;  // nearly everything goes to one guard
  limits.max_body = 16 * 1024 * 1024;
  return limits;
}

struct Counted {
  PathPtr path;
  explicit Counted(PathPtr p) : path(std::move(p)) { ++path->in_flight; }
  Counted(const Counted&) = delete;
  ~Counted() { --path->in_flight; }
};

std::vector<onion::Hop> hops_of(const Path& path) {
  std::vector<onion::Hop> out;
  for (const ServiceNode& node : path.hops) out.push_back({node.ed25519, node.x25519});
  return out;
}

Route route_of(const Path& path) {
  Route out;
  for (std::size_t i = 0; i < path.hops.size(); ++i)
    out.push_back((i == 0 ? "guard " : i + 1 < path.hops.size() ? "hop " : "exit ") + name_of_node(path.hops[i]));
  return out;
}

}  // namespace

WayError::~WayError() = default;

OnionCaller::OnionCaller(Context& ctx, Handle<Network> network, NodePool& pool, GuardFile guards, Duration timeout,
                         Duration rotate)
    : ctx_(ctx), pool_(pool), file_(std::move(guards)), book_(ctx), rotate_(rotate), tests_over_(ctx), rotation_(ctx) {
  quick_.emplace(ctx, network, http::Security::tls_unverified, limits_with(timeout));
  patient_.emplace(ctx, network, http::Security::tls_unverified, limits_with(timeout + longest_hold));
  kept_ = file_.read();
  book_.use_guards(kept_);
  kept_ = book_.guards();
  if (rotate_ <= Duration::zero()) return;
  rotating_ = true;
  ctx_.spawn("rotating paths", keep_rotating());
}

Task<> OnionCaller::learn() {
  std::optional<std::vector<ServiceNode>> news = pool_.news(seen_);
  if (news && news->empty()) {
    seen_.clear();
    news = co_await pool_.nodes();  // asks the directory
  }
  if (news) book_.learn(std::move(*news));
}

Task<Reply> OnionCaller::call(ServiceNode node, std::string method, boost::json::object params, Duration held) {
  boost::json::object request;
  request["method"] = method;
  request["params"] = std::move(params);
  const std::string rpc = boost::json::serialize(request);
  std::set<std::uint64_t> tried;
  std::optional<Error> last;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    co_await learn();
    PathPtr path;
    try {
      path = book_.choose(node.ed25519, tried);
    } catch (const Error& error) {
      throw WayError(error);
    }
    tried.insert(path->number);
    Attempt result = co_await send(path, node, rpc, held);
    if (result.reply) co_return std::move(*result.reply);
    last = std::move(result.failure);
    if (!result.again) throw *last;
  }
  throw WayError(*last);
}

Task<OnionCaller::Carried> OnionCaller::carry(PathPtr path, http::Request request, bool patient, std::string whither) {
  if (closed_) throw Error(Code::cancelled, "The transport has stopped.");
  http::Client& client = patient ? *patient_ : *quick_;
  Carried out;
  std::optional<Error> lost;
  try {
    Task<http::Response> sending = client.send(path->hops[0].address(), std::move(request));
    out.response = co_await ongoing_.run(std::move(sending));
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    lost = error;
  }
  if (lost) {
    // Something that is not HTTP, or far too much of it, is the guard's own doing.
    const Fault::Kind kind = lost->code() == Code::timeout ? Fault::unclear : Fault::guard;
    Error error(
        lost->code(),
        "The guard " + name_of_node(path->hops[0]) + " did not carry a request to " + whither + ": " + lost->what(),
        "Another path is tried.");
    out.attempt = fail(path, {kind, path->hops[0].ed25519}, std::move(error));
  }
  co_return out;
}

Task<OnionCaller::Attempt> OnionCaller::send(PathPtr path, ServiceNode node, std::string rpc, Duration held) {
  const Counted counted(path);
  onion::WrapOptions options;
  options.raw_reply = true;
  const std::vector<onion::Hop> hops = hops_of(*path);
  const onion::Hop destination{node.ed25519, node.x25519};
  onion::Wrapped wrapped;
  http::Request request;
  auto wrap = [&] { wrapped = onion::wrap(hops, destination, rpc, options); };
  if (rpc.size() < offload_from)
    wrap();
  else
    co_await ctx_.offload(std::move(wrap));
  request.method = "POST";
  request.target = "/onion_req/v2";
  request.body = std::move(wrapped.body);
  std::string whither = "node " + name_of_node(node);
  Carried carried = co_await carry(path, std::move(request), held > Duration::zero(), std::move(whither));
  if (!carried.response) co_return std::move(carried.attempt);
  http::Response response = std::move(*carried.response);
  std::optional<onion::NodeReply> opened;
  if (response.status == 200) {
    auto open = [&] {
      try {
        opened = onion::open_node_reply(wrapped, response.body);
      } catch (const Error&) {
        // said below
      }
    };
    if (response.body.size() < offload_from)
      open();
    else
      co_await ctx_.offload(std::move(open));
  }
  co_return read(path, node, response, std::move(opened));
}

OnionCaller::Attempt OnionCaller::read(const PathPtr& path, const ServiceNode& node, const http::Response& response,
                                       std::optional<onion::NodeReply> opened) {
  Attempt out;
  if (opened && opened->from == 0) {
    answered(path);
    out.reply.emplace();
    out.reply->status = opened->status;
    out.reply->body = std::move(opened->body);
    out.reply->route = route_of(*path);
    return out;
  }
  const std::string way = "through the guard " + name_of_node(path->hops[0]);
  if (opened) {  // a hop could not read its layer
    const std::size_t at = std::min(opened->from, path->hops.size()) - 1;
    const ServiceNode& hop = path->hops[path->hops.size() - 1 - at];
    return fail(path, {Fault::path, {}},
                Error(Code::unavailable,
                      "Hop " + name_of_node(hop) + " refused its layer of an onion: " + as_quote(opened->body) + ".",
                      "Another path is tried."));
  }
  if (response.status == 200)
    return fail(
        path, {Fault::path, {}},
        Error(Code::unavailable,
              "The answer of node " + name_of_node(node) + " " + way + " was encrypted by nobody who was asked.",
              "Somebody on the way has changed it; another path is tried."));
  const PathAnswer answer = judge(response.status, response.body, *path, &node.ed25519);
  if (answer.who == PathAnswer::destination) {
    answered(path);  // its last hop spoke
    out.reply.emplace();
    out.reply->status = response.status;
    out.reply->body = response.body;
    out.reply->route = route_of(*path);
    return out;
  }
  return fail(path, answer.fault,
              Error(answer.fault.kind == Fault::unclear ? Code::timeout : Code::unavailable,
                    "A request to node " + name_of_node(node) + " " + way +
                        " failed on the way: " + std::to_string(response.status) + " " + as_quote(response.body) + ".",
                    "Another path is tried."));
}

// --- servers behind the last hop ---

Task<onion::ServerReply> OnionCaller::ask(ServerCall asked) {
  auto text = std::make_shared<const std::string>(onion::encode(asked.request));
  asked.request = {};  // a large file is there once
  auto call = std::make_shared<const ServerCall>(std::move(asked));
  std::set<std::uint64_t> tried;
  std::optional<Error> last;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    co_await learn();
    const Fixed<32> no_node{};
    PathPtr path = book_.choose(no_node, tried);
    tried.insert(path->number);
    Attempt result = co_await send_to_server(path, call, text);
    if (result.server_reply) co_return std::move(*result.server_reply);
    last = std::move(result.failure);
    if (!result.again) break;
  }
  throw *last;
}

Task<OnionCaller::Attempt> OnionCaller::send_to_server(PathPtr path, std::shared_ptr<const ServerCall> call,
                                                       std::shared_ptr<const std::string> text) {
  const Counted counted(path);
  const std::vector<onion::Hop> hops = hops_of(*path);
  onion::Wrapped wrapped;
  auto wrap = [&] { wrapped = onion::wrap(hops, call->server, *text); };
  if (text->size() < offload_from)
    wrap();
  else
    co_await ctx_.offload(std::move(wrap));
  http::Request request;
  request.method = "POST";
  request.target = "/onion_req/v2";
  request.body = std::move(wrapped.body);
  request.on_sent = call->on_sent;
  request.on_received = call->on_received;
  const std::string server = "the server " + call->server.host + ":" + std::to_string(call->server.port);
  std::string whither = server;
  Carried carried = co_await carry(path, std::move(request), true, std::move(whither));
  if (!carried.response) co_return std::move(carried.attempt);
  http::Response response = std::move(*carried.response);
  std::optional<onion::ServerReply> opened;
  if (response.status == 200) {
    auto open = [&] {
      try {
        opened = onion::open_server_reply(wrapped, response.body);
      } catch (const Error&) {
        // said below
      }
    };
    if (response.body.size() < offload_from)
      open();
    else
      co_await ctx_.offload(std::move(open));
  }
  if (!opened) co_return read_server(path, server, response);
  answered(path);
  Attempt out;
  out.server_reply = std::move(opened);
  co_return out;
}

/// An answer that the server has not encrypted. What a server says in the open looks like a node's words, and whoever
/// sends us a file's address chooses the server: nobody of the path is blamed for what a server may have written.
OnionCaller::Attempt OnionCaller::read_server(const PathPtr& path, const std::string& server,
                                              const http::Response& response) {
  const std::string way = " through the guard " + name_of_node(path->hops[0]);
  if (response.status == 200)
    return fail(path, {Fault::unclear, {}},
                Error(Code::unavailable, "The answer of " + server + way + " was not encrypted by it.",
                      "The key in the address may be wrong, or somebody on the way has changed the answer."));
  const PathAnswer answer = judge(response.status, response.body, *path, nullptr);
  const bool named = answer.who == PathAnswer::path && answer.fault.kind == Fault::hop;
  const std::string said = std::to_string(response.status) + " " + as_quote(response.body) + ".";
  if (named)
    return fail(path, answer.fault,
                Error(Code::unavailable, "A request to " + server + way + " failed on the way: " + said,
                      "Another path is tried."));
  const bool refused = response.status >= 400 && response.status < 500 && response.status != 429;
  Error error(refused                  ? Code::invalid_argument
              : response.status == 504 ? Code::timeout
                                       : Code::unavailable,
              "A request to " + server + way + " was not answered: " + said,
              refused ? "The key in the address may be wrong." : "Try again later.");
  if (answer.who == PathAnswer::server || refused) {
    answered(path);  // its last hop spoke
    Attempt out;
    out.failure = std::move(error);
    return out;
  }
  return fail(path, {Fault::unclear, {}}, std::move(error));
}

OnionCaller::Attempt OnionCaller::fail(const PathPtr& path, Fault fault, Error error) {
  book_.failed(path, fault);
  keep_guards();
  ctx_.debug(error.sentence());
  test_paths();
  Attempt out;
  out.failure = std::move(error);
  out.again = fault.kind != Fault::unclear;
  return out;
}

void OnionCaller::answered(const PathPtr& path) {
  book_.answered(path);
  keep_guards();
  test_paths();
}

void OnionCaller::keep_guards() {
  if (kept_ == book_.guards()) return;
  kept_ = book_.guards();
  file_.write(kept_);
}

Task<> OnionCaller::build_path() {
  std::vector<ServiceNode> nodes = co_await pool_.nodes();
  if (std::ranges::any_of(book_.view(), [](const PathView& p) { return p.answered > 0 && p.failures == 0; })) co_return;
  std::optional<Error> last;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    ServiceNode node = nodes[ctx_.random_below(nodes.size())];
    try {
      boost::json::object none;
      co_await call(node, "info", std::move(none));
      co_return;
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      last = error;
    }
  }
  throw *last;
}

// --- testing paths in the background ---

void OnionCaller::test_paths() {
  if (testing_ || closed_ || !book_.doubtful()) return;
  testing_ = true;
  ctx_.spawn("testing paths", run_tests());
}

Task<> OnionCaller::run_tests() {
  // Ended by close(), and by whatever ends this coroutine.
  auto cancel = cancel_tests_;
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.slot().is_connected()) state.slot().assign([cancel](asio::cancellation_type type) { cancel->emit(type); });
  Task<> tests = test_doubtful();
  auto token = asio::bind_cancellation_slot(cancel->slot(), asio::use_awaitable);
  try {
    co_await asio::co_spawn(ctx_.executor(), std::move(tests), std::move(token));
  } catch (...) {
    ctx_.debug("Testing paths ended: " + to_error(std::current_exception()).sentence());
  }
  testing_ = false;
  tests_over_.ring();
}

Task<> OnionCaller::test_doubtful() {
  for (int round = 0; round < test_rounds && !closed_; ++round) {
    if (round > 0) co_await ctx_.sleep(test_pause * round);
    const PathPtr path = book_.doubtful();
    const ServiceNode* found = path ? book_.destination_for_test(*path) : nullptr;
    if (!found) co_return;
    ServiceNode node = *found;
    std::string rpc = R"({"method":"info","params":{}})";
    co_await send(path, std::move(node), std::move(rpc), Duration());
  }
}

// --- other hops from time to time (onion.md section 10) ---

Task<> OnionCaller::keep_rotating() {
  try {
    co_await rotate_until_closed();
  } catch (...) {
    ctx_.debug("Rotating paths ended: " + to_error(std::current_exception()).sentence());
  }
  rotating_ = false;
  tests_over_.ring();
}

Task<> OnionCaller::rotate_until_closed() {
  Duration next = ctx_.uptime() + rotate_;
  while (!closed_) {
    while (!closed_ && ctx_.uptime() < next) co_await rotation_.wait(next);
    if (closed_) co_return;
    co_await rotate_paths();
    // Not to the minute, so that a guard cannot tell clients apart by it.
    const auto spread = static_cast<std::uint64_t>(rotate_.count() / 2 + 1);
    next = ctx_.uptime() + rotate_ * 3 / 4 + Duration(std::int64_t(ctx_.random_below(spread)));
  }
}

Task<> OnionCaller::rotate_paths() {
  for (std::size_t i = 0; i < PathBook::max_paths && !closed_; ++i) {
    const PathPtr old = book_.worn(rotate_ / 2);
    PathPtr fresh = old ? book_.successor(*old) : nullptr;
    const ServiceNode* found = fresh ? book_.destination_for_test(*fresh) : nullptr;
    if (!found) co_return;
    ServiceNode node = *found;
    std::string rpc = R"({"method":"info","params":{}})";
    const Attempt attempt = co_await send(fresh, std::move(node), std::move(rpc), Duration());
    if (!attempt.reply) co_return;  // another time
    book_.succeed(old, std::move(fresh));
  }
}

Task<> OnionCaller::close() {
  closed_ = true;
  auto cancel = cancel_tests_;  // the coroutine that ends may end us
  cancel->emit(asio::cancellation_type::terminal);
  ongoing_.end_all();
  quick_.reset();
  patient_.reset();
  rotation_.ring();
  while (testing_ || rotating_) co_await tests_over_.wait(std::nullopt);
}

}  // namespace argot::swarm
