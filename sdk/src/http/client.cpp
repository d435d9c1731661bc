// The client: a pool of kept connections per address, and one exchange at a time on each.
#include "tls.h"
#include "watchdog.h"
#include "wire.h"

#include <argot/doorbell.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <list>
#include <map>

namespace argot::http {

constexpr std::size_t max_waiting = 1000;   // requests to one host that wait for a connection
constexpr std::size_t max_idle_total = 64;  // kept connections, over all hosts
constexpr int max_informational = 8;        // 1xx answers before the real one

struct Kept {
  std::unique_ptr<Connection> connection;
  Duration since;
};

struct Host {
  std::deque<Kept> idle;  // newest at the back: reused first
  std::size_t busy = 0;
  std::list<Doorbell*> turns;  // requests that wait for a connection, in the order they came
};

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  Impl(Context& c, Handle<Network> n, Security s, Limits l)
      : ctx(c), network(std::move(n)), security(s), limits(l), sweeper(c, [this] { sweep(); }) {}
  Context& ctx;
  Handle<Network> network;
  Security security;
  Limits limits;
  std::map<std::string, Host> hosts;
  std::size_t idle_total = 0;
  bool closed = false;
  std::function<bool(const std::string&, const PeerCertificate&)> check;  // empty: any certificate will do
  Watchdog sweeper;

  void keep(const std::string& address, std::unique_ptr<Connection> connection) {
    if (closed) return;
    if (idle_total >= max_idle_total) drop_oldest();
    hosts[address].idle.push_back({std::move(connection), ctx.uptime()});
    if (++idle_total == 1) sweeper.set(limits.idle);
  }
  void drop_oldest() {
    auto oldest = hosts.end();
    for (auto it = hosts.begin(); it != hosts.end(); ++it)
      if (!it->second.idle.empty() &&
          (oldest == hosts.end() || it->second.idle.front().since < oldest->second.idle.front().since))
        oldest = it;
    if (oldest == hosts.end()) return;
    oldest->second.idle.pop_front();
    --idle_total;
    forget_if_unused(oldest->first);
  }
  void forget_if_unused(const std::string& address) {
    auto it = hosts.find(address);
    if (it != hosts.end() && it->second.idle.empty() && it->second.busy == 0 && it->second.turns.empty())
      hosts.erase(it);
  }
  /// Closes what has been idle for too long.
  void sweep() {
    const Duration now = ctx.uptime();
    Duration next = Duration::max();
    for (auto it = hosts.begin(); it != hosts.end();) {
      auto& idle = it->second.idle;
      while (!idle.empty() && idle.front().since + limits.idle <= now) {
        idle.pop_front();
        --idle_total;
      }
      if (!idle.empty()) next = std::min(next, idle.front().since + limits.idle - now);
      const std::string address = (it++)->first;
      forget_if_unused(address);
    }
    if (next != Duration::max()) sweeper.set(next);
  }
};

namespace {

using Impl = Client::Impl;

/// One of the connections that a host may have.
struct Turn {
  std::shared_ptr<Impl> impl;
  std::string address;
  Turn(std::shared_ptr<Impl> i, std::string a) : impl(std::move(i)), address(std::move(a)) {
    ++impl->hosts[address].busy;
  }
  Turn(const Turn&) = delete;
  ~Turn() {
    Host& host = impl->hosts[address];
    --host.busy;
    if (!host.turns.empty())
      host.turns.front()->ring();
    else
      impl->forget_if_unused(address);
  }
};

/// A place in the queue for a connection, for as long as the coroutine that waits lives.
struct Place {
  Host& host;
  Doorbell bell;
  std::list<Doorbell*>::iterator at;
  Place(Host& h, Context& ctx) : host(h), bell(ctx), at(h.turns.insert(h.turns.end(), &bell)) {}
  Place(const Place&) = delete;
  ~Place() {
    host.turns.erase(at);
    if (!host.turns.empty()) host.turns.front()->ring();  // there may be a second free connection
  }
};

std::string seconds(Duration time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  return ms % 1000 ? std::to_string(ms) + " ms" : std::to_string(ms / 1000) + " s";
}

/// Either a stream or why there is none: for operator||, which waits for a success, a refusal is as good as one.
struct Connected {
  Stream stream;
  std::exception_ptr failure;
};

Task<Connected> try_connect(Handle<Network> network, std::string address) {
  Connected out;
  try {
    Lease<Network> lease = network.lease();
    out.stream = co_await lease->connect(std::move(address));
  } catch (...) {
    out.failure = std::current_exception();
  }
  co_return out;
}

/// A connection to `address` within `time`.
Task<Stream> connect(std::shared_ptr<Impl> impl, std::string address, Duration time) {
  using namespace asio::experimental::awaitable_operators;
  Task<Connected> connecting = try_connect(impl->network, address);
  Task<> waiting = impl->ctx.sleep(time);
  Task<std::variant<Connected, std::monostate>> either = std::move(connecting) || std::move(waiting);
  auto result = co_await std::move(either);
  if (result.index() == 1)
    throw Error(Code::timeout, "Connecting to " + address + " took longer than " + seconds(impl->limits.timeout) + ".",
                "Check that the address is right and the host is up.");
  Connected made = std::move(std::get<0>(result));
  if (made.failure) std::rethrow_exception(made.failure);
  co_return std::move(made.stream);
}

/// What is known about an exchange when it fails.
struct Progress {
  bool fresh = true;    ///< the connection was made for it
  std::size_t got = 0;  ///< bytes of the answer
};

/// The connection failed, or the time is up, while `address` answered.
Error describe(const Impl& impl, const std::string& address, const Progress& progress, bool timed_out,
               error_code failure) {
  const std::string so_far = std::to_string(progress.got) + " bytes of its answer";
  if (timed_out && progress.got)
    return Error(Code::timeout, address + " stalled: after " + so_far + " nothing more came within " +
                                    seconds(impl.limits.timeout) + ".");
  if (timed_out) return Error(Code::timeout, address + " did not answer within " + seconds(impl.limits.timeout) + ".");
  if (failure == asio::error::operation_aborted)
    return Error(Code::cancelled, "The request to " + address + " was given up.");
  if (progress.got)
    return Error(Code::unavailable, address + " closed the connection after " + so_far + ", before it was complete.");
  return Error(Code::unavailable, address + " closed the connection without an answer (" + failure.message() + ").");
}

Error describe(const Impl& impl, const std::string& address, const Parser& parser) {
  switch (parser.fault()) {
    case Fault::body_too_large:
      return Error(Code::resource_exhausted,
                   "The answer of " + address + " is larger than " + std::to_string(impl.limits.max_body) + " bytes.",
                   "Ask somebody else: nothing that large is an answer.");
    case Fault::header_too_large:
      return Error(
          Code::resource_exhausted,
          "The header of " + address + "'s answer is larger than " + std::to_string(impl.limits.max_header) + " bytes.",
          "Ask somebody else: nothing that large is an answer.");
    default:
      return Error(Code::corrupt,
                   address + " answered with something that is not HTTP/1.1 (" + parser.fault_text() + ").",
                   "Check that the port is the right one.");
  }
}

/// Reads until `parser` has a whole message.
Task<> read_message(Impl& impl, const std::string& address, Connection& connection, Parser& parser, Progress& progress,
                    const std::function<void(std::uint64_t)>& on_received, const Deadline& deadline) {
  for (;;) {
    connection.pending.erase(0, parser.feed(connection.pending));
    if (parser.fault() != Fault::none) throw describe(impl, address, parser);
    if (parser.done()) co_return;
    const error_code failure = co_await connection.fill();
    if (!failure) {
      progress.got += connection.pending.size();
      if (on_received) on_received(progress.got);
      continue;
    }
    if (failure == asio::error::eof) parser.end_of_stream();
    if (parser.done()) co_return;
    throw describe(impl, address, progress, deadline.expired(), failure);
  }
}

/// Sends a request and reads its answer; the connection is kept when it can be.
Task<Response> exchange(std::shared_ptr<Impl> impl, std::string address, std::unique_ptr<Connection> connection,
                        const Request& request, Duration time, Progress& progress) {
  Connection& c = *connection;
  Deadline deadline(impl->ctx, time, [&c] { c.stream.close(); });
  std::string head = write_head(request, address);
  const error_code unsent = co_await c.write(std::move(head), request.body, &request.on_sent);
  // A server may answer (413, say) and close before it has read everything: its answer explains more than our error.
  if (unsent && (deadline.expired() || unsent == asio::error::operation_aborted))
    throw describe(*impl, address, progress, deadline.expired(), unsent);
  const auto kind = request.method == "HEAD" ? Parser::Kind::response_without_body : Parser::Kind::response;
  for (int n = 0; n < max_informational; ++n) {
    Parser parser(kind, impl->limits);
    co_await read_message(*impl, address, c, parser, progress, request.on_received, deadline);
    const bool keep = parser.keep_alive();
    Response response = parser.take_response();
    if (response.status / 100 == 1) continue;
    if (keep && !unsent && c.pending.empty()) impl->keep(address, std::move(connection));
    co_return response;
  }
  throw Error(Code::corrupt,
              address + " answered with more than " + std::to_string(max_informational) + " interim answers.");
}

Task<> wait_for_turn(std::shared_ptr<Impl> impl, std::string address, Duration until) {
  Host& host = impl->hosts[address];  // stays while it is busy or somebody waits
  const std::size_t most = impl->limits.max_connections_per_host;
  if (host.busy < most && host.turns.empty()) co_return;
  if (host.turns.size() >= max_waiting)
    throw Error(Code::resource_exhausted, std::to_string(max_waiting) + " requests to " + address + " wait already.",
                "Try again later.");
  Place place(host, impl->ctx);
  while (host.busy >= most || host.turns.front() != &place.bell) {
    if (impl->ctx.uptime() >= until)
      throw Error(Code::timeout,
                  "No connection to " + address + " became free within " + seconds(impl->limits.timeout) + ".",
                  "Other requests to it take too long; try again later.");
    std::optional<Duration> deadline = until;
    co_await place.bell.wait(deadline);
  }
}

Task<Response> send_request(std::shared_ptr<Impl> impl, std::string address, Request request, bool idempotent) {
  const Duration until = impl->ctx.uptime() + impl->limits.timeout;
  co_await wait_for_turn(impl, address, until);
  Turn turn(impl, address);
  for (;;) {
    std::unique_ptr<Connection> connection;
    Progress progress;
    auto& idle = impl->hosts[address].idle;
    if (!idle.empty()) {
      connection = std::move(idle.back().connection);
      idle.pop_back();
      --impl->idle_total;
      progress.fresh = false;
    } else {
      const Duration left = std::max(until - impl->ctx.uptime(), Duration::zero());
      Stream stream = co_await connect(impl, address, left);
      if (impl->security != Security::plain) {
        auto closer = std::make_shared<std::function<void()>>([] {});
        Deadline deadline(impl->ctx, std::max(until - impl->ctx.uptime(), Duration::zero()), [closer] { (*closer)(); });
        TlsContext context = client_context(impl->ctx);
        bool late = false;
        std::shared_ptr<PeerCertificate> shown;
        if (impl->check) shown = std::make_shared<PeerCertificate>();
        try {
          stream = co_await start_tls(std::move(context), TlsRole::client, std::move(stream), closer, shown);
        } catch (const Error&) {
          late = deadline.expired();
          if (!late) throw;
        }
        if (late)
          throw Error(Code::timeout,
                      address + " did not finish the TLS handshake within " + seconds(impl->limits.timeout) + ".");
        if (shown && impl->check && !impl->check(address, *shown))
          throw Error(Code::unauthenticated,
                      address + " shows a certificate that is not the expected one (SHA-256 " + to_hex(shown->sha256) +
                          ", of its key " + to_base64(shown->key_sha256) + ").",
                      "Somebody may stand in between, or the server has a new certificate: ask its operator.");
      }
      connection = std::make_unique<Connection>(std::move(stream));
    }
    const Duration left = std::max(until - impl->ctx.uptime(), Duration::zero());
    try {
      Response response = co_await exchange(impl, address, std::move(connection), request, left, progress);
      co_return response;
    } catch (const Error& error) {
      // A kept connection that the server has closed meanwhile fails before any answer.
      if (progress.fresh || progress.got || !idempotent || error.code() != Code::unavailable) throw;
    }
  }
}

}  // namespace

Client::Client(Context& ctx, Handle<Network> network, Security security, Limits limits)
    : impl_(std::make_shared<Impl>(ctx, std::move(network), security, limits)) {}

Client::~Client() {
  impl_->closed = true;
  close_idle();
}

Task<Response> Client::send(std::string address, Request request, bool idempotent) {
  return send_request(impl_, std::move(address), std::move(request), idempotent);
}

void Client::accept_only(std::function<bool(const std::string&, const PeerCertificate&)> check) {
  impl_->check = std::move(check);
}

void Client::close_idle() noexcept {
  for (auto it = impl_->hosts.begin(); it != impl_->hosts.end();) {
    it->second.idle.clear();
    const std::string address = (it++)->first;
    impl_->forget_if_unused(address);
  }
  impl_->idle_total = 0;
  impl_->sweeper.off();
}

}  // namespace argot::http
