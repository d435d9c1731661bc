// The server: one coroutine a connection.
#include "tls.h"
#include "watchdog.h"
#include "wire.h"

#include <argot/doorbell.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <list>

namespace argot::http {

struct Server::Impl {
  Context& ctx;
  HandlerFunction handler;
  TlsContext tls;  // null: plain
  Limits limits;
  std::string name;
  bool stopping = false;
  struct Live {
    std::function<void()> close;
    bool in_request = false, leaving = false;
  };
  // Each connection is in one of these. Those that the server waits for (a handshake, a request) are in the order in
  // which it began to.
  std::list<Live> waited_for, answered, leaving;
  std::size_t count() const { return waited_for.size() + answered.size() + leaving.size(); }
  template <class F> void for_each(F f) {
    for (auto* list : {&waited_for, &answered, &leaving})
      for (Live& each : *list) f(each);
  }
  /// Closes the connection that has been waited for longest. False when there is none.
  bool make_room() {
    if (waited_for.empty()) return false;
    const std::function<void()> close = waited_for.front().close;
    waited_for.front().leaving = true;
    leaving.splice(leaving.end(), waited_for, waited_for.begin());
    if (close) close();
    return true;
  }
  std::vector<Listener*> listeners;
  std::shared_ptr<Doorbell> ended;
};

namespace {

using Impl = Server::Impl;

/// A place in the list of connections, for as long as the connection lasts.
struct Place {
  std::shared_ptr<Impl> impl;
  std::list<Impl::Live>::iterator at;
  explicit Place(std::shared_ptr<Impl> i)
      : impl(std::move(i)), at(impl->waited_for.emplace(impl->waited_for.end())), in(&impl->waited_for) {}
  Place(const Place&) = delete;
  ~Place() {
    list().erase(at);
    if (impl->count() == 0) impl->ended->ring();
  }
  /// The server waits for it from now on.
  void wait_for() { move(impl->waited_for); }
  void answer() { move(impl->answered); }

 private:
  std::list<Impl::Live>& list() { return at->leaving ? impl->leaving : *in; }
  void move(std::list<Impl::Live>& to) {
    if (at->leaving) return;
    to.splice(to.end(), *in, at);
    in = &to;
  }
  std::list<Impl::Live>* in;
};

Response refusal(const Parser& parser) {
  Response out;
  out.headers.emplace_back("Content-Type", "text/plain");
  switch (parser.fault()) {
    case Fault::header_too_large:
      out.status = 431;
      out.body = "Request header too large";
      break;
    case Fault::body_too_large:
      out.status = 413;
      out.body = "Request body too large";  // the texts of 413 and 400: storage_node.md section 2
      break;
    case Fault::bad_length:
      out.status = 400;
      out.body = "invalid Content-Length";
      break;
    default: out.status = 400; out.body = "Bad Request\n";
  }
  return out;
}

Task<Response> answer(std::shared_ptr<Impl> impl, Request request) {
  Response response;
  std::string target = request.method + " " + request.target.substr(0, 80);
  try {
    Task<Response> work = impl->handler(std::move(request));
    response = co_await std::move(work);
    co_return response;
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    impl->ctx.warn("answering " + target + " failed: " + error.sentence());
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    impl->ctx.warn("answering " + target + " failed: " + error.what());
  } catch (const std::exception& error) {
    impl->ctx.warn("answering " + target + " failed: " + error.what());
  }
  response = {};
  response.status = 500;
  response.headers.emplace_back("Content-Type", "text/plain");
  response.body = "Internal Server Error\n";
  co_return response;
}

/// Reads what a refused client still sends, so that it gets to read our answer before the connection is reset.
Task<> drain(Connection& connection, Watchdog& watchdog, std::size_t at_most) {
  watchdog.set(std::chrono::seconds(2));
  for (std::size_t read = 0; read < at_most;) {
    connection.pending.clear();
    if (co_await connection.fill()) break;
    read += connection.pending.size();
  }
}

/// Reads one request into `parser`. False: the connection is over (nothing to answer).
Task<bool> read_request(Impl& impl, Connection& connection, Watchdog& watchdog, Parser& parser) {
  bool started = !connection.pending.empty(), continued = false;
  watchdog.set(started ? impl.limits.timeout : impl.limits.idle);
  for (;;) {
    connection.pending.erase(0, parser.feed(connection.pending));
    if (parser.done() || parser.fault() != Fault::none) co_return true;
    if (parser.header_done() && !continued && parser.expects_continue()) {
      continued = true;
      if (connection.pending.empty() && co_await connection.write("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
    }
    if (co_await connection.fill()) co_return false;
    if (!started) {
      started = true;
      watchdog.set(impl.limits.timeout);
    }
  }
}

/// False: the reader is gone, or the pieces are not what was announced.
Task<bool> write_pieces(Impl& impl, Connection& connection, const Pieces& pieces) {
  for (std::uint64_t left = pieces.size; left > 0;) {
    std::string piece;
    try {
      Task<std::string> work = pieces.next();
      piece = co_await std::move(work);
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      impl.ctx.warn("an answer ended half way: " + error.sentence());
    }
    if (piece.empty() || piece.size() > left) co_return false;
    left -= piece.size();
    const std::string_view bytes = piece;
    if (co_await connection.write(bytes)) co_return false;
  }
  co_return true;
}

Task<> converse(std::shared_ptr<Impl> impl, Connection& connection, Watchdog& watchdog, Place& place) {
  const std::string peer = connection.stream.peer();
  for (bool keep = true; keep && !impl->stopping;) {
    Parser parser(Parser::Kind::request, impl->limits);
    place.at->in_request = !connection.pending.empty();
    place.wait_for();
    const bool came = co_await read_request(*impl, connection, watchdog, parser);
    if (!came) co_return;
    place.at->in_request = true;
    place.answer();
    if (parser.fault() != Fault::none) {
      const Response response = refusal(parser);
      std::string head = write_head(response, impl->name, false, true);
      watchdog.set(impl->limits.timeout);
      if (!co_await connection.write(std::move(head), response.body))
        co_await drain(connection, watchdog, impl->limits.max_body);
      co_return;
    }
    keep = parser.keep_alive();
    Request request = parser.take_request();
    request.peer = peer;
    const bool is_head = request.method == "HEAD";
    watchdog.off();  // the handler takes the time it takes
    const Response response = co_await answer(impl, std::move(request));
    keep = keep && !impl->stopping;
    const bool with_body = response.status >= 200 && response.status != 204 && response.status != 304;
    std::string head = write_head(response, impl->name, keep, with_body);
    watchdog.set(impl->limits.timeout);
    const bool is_whole = with_body && !is_head && !response.pieces;
    std::string_view body = is_whole ? std::string_view(response.body) : std::string_view();
    if (co_await connection.write(std::move(head), body)) co_return;
    if (response.pieces && with_body && !is_head) {
      const bool whole = co_await write_pieces(*impl, connection, *response.pieces);
      if (!whole) co_return;
    }
  }
}

Task<> session(std::shared_ptr<Impl> impl, Stream stream) {
  Place place(impl);
  auto closer = std::make_shared<std::function<void()>>([&stream] { stream.close(); });
  place.at->close = [closer] { (*closer)(); };
  Watchdog watchdog(impl->ctx, [closer] { (*closer)(); });
  try {
    if (impl->tls) {
      watchdog.set(impl->limits.timeout);
      stream = co_await start_tls(impl->tls, TlsRole::server, std::move(stream), closer);
      *closer = [&stream] { stream.close(); };
    }
    Connection connection(std::move(stream));
    *closer = [&connection] { connection.stream.close(); };
    co_await converse(impl, connection, watchdog, place);
    *closer = [] {};
    connection.stream.close();
  } catch (const Error& error) {
    // A peer that misbehaves is its own problem; our own stop is not a problem at all.
    *closer = [] {};
    impl->ctx.debug(error.what());
  } catch (...) {
    *closer = [] {};
    throw;
  }
}

}  // namespace

Server::Server(Context& ctx, HandlerFunction handler, std::optional<Certificate> certificate, Limits limits)
    : impl_(std::make_shared<Impl>(
          Impl{ctx, std::move(handler), nullptr, limits, {}, false, {}, {}, {}, {}, std::make_shared<Doorbell>(ctx)})) {
  if (certificate) impl_->tls = server_context(*certificate);
}

Server::~Server() { stop(); }

void Server::set_name(std::string name) { impl_->name = std::move(name); }
std::size_t Server::connections() const { return impl_->count(); }
void Server::make_room(std::size_t places) noexcept {
  while (places-- > 0 && impl_->make_room()) continue;
}

static Task<> accept_all(std::shared_ptr<Server::Impl> impl, std::unique_ptr<Listener> listener) {
  struct Registered {
    std::shared_ptr<Server::Impl> impl;
    Listener* listener;
    ~Registered() { std::erase(impl->listeners, listener); }
  };
  impl->listeners.push_back(listener.get());
  Registered registered{impl, listener.get()};
  while (!impl->stopping) {
    Stream stream;
    bool tired = false;
    try {
      stream = co_await listener->accept();
    } catch (const Error& error) {
      if (impl->stopping || error.code() == Code::cancelled) break;
      if (error.code() == Code::resource_exhausted) {
        for (int i = 0; i < 16; ++i) impl->make_room();
        continue;
      }
      impl->ctx.warn("accepting a connection on " + listener->address() + " failed: " + error.sentence());
      tired = true;  // out of file descriptors, say: it passes
    }
    if (tired) {
      co_await impl->ctx.sleep(std::chrono::milliseconds(100));
      continue;
    }
    if (impl->stopping) continue;  // closes it
    // When nobody can make room, the new one goes. Those that leave are gone after a turn, and so few that they do not
    // count.
    const std::size_t inside = impl->waited_for.size() + impl->answered.size();
    if (inside >= impl->limits.max_connections && !impl->make_room()) continue;
    impl->ctx.spawn("HTTP connection", session(impl, std::move(stream)));
  }
}

Task<> Server::serve(std::unique_ptr<Listener> listener) { return accept_all(impl_, std::move(listener)); }

void Server::stop() noexcept {
  impl_->stopping = true;
  for (Listener* listener : std::vector<Listener*>(impl_->listeners)) listener->close();
  std::vector<std::function<void()>> idle;
  impl_->for_each([&](const Impl::Live& live) {
    if (!live.in_request && live.close) idle.push_back(live.close);
  });
  for (const auto& close : idle) close();
}

static Task<> wait_for_end(std::shared_ptr<Server::Impl> impl, Duration at_most) {
  const Duration until = impl->ctx.uptime() + at_most;
  while (impl->count() > 0 && impl->ctx.uptime() < until) {
    std::optional<Duration> deadline = until;
    co_await impl->ended->wait(deadline);
  }
  std::vector<std::function<void()>> rest;
  impl->for_each([&](const Server::Impl::Live& live) {
    if (live.close) rest.push_back(live.close);
  });
  for (const auto& close : rest) close();
}

Task<> Server::finish(Duration at_most) {
  stop();
  return wait_for_end(impl_, at_most);
}

}  // namespace argot::http
