// The medium as a plugin sees it: connect and listen from one simulated host.
#include <kernel/world/sim.h>

#include <argot/error.h>

#include <boost/asio/redirect_error.hpp>

#include <charconv>

namespace argot::kernel {

namespace {

struct SimAddress {
  std::string host;
  std::uint16_t port;
};

SimAddress parse(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  unsigned port = 0;
  if (colon != std::string::npos) {
    const char* first = address.data() + colon + 1;
    const char* last = address.data() + address.size();
    const auto [end, failure] = std::from_chars(first, last, port);
    std::string host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (first != last && end == last && failure == std::errc() && port <= 65535)
      return {std::move(host), static_cast<std::uint16_t>(port)};
  }
  throw Error(Code::invalid_argument, "\"" + address + "\" is not an address.",
              "Write host:port with a port from 0 to 65535, such as node-1:22021.");
}

bool means_here(const std::string& host) { return host == "127.0.0.1" || host == "localhost" || host == "::1"; }
bool means_any(const std::string& host) { return host.empty() || host == "*" || host == "0.0.0.0" || host == "::"; }

Error dead(const std::string& host) { return Error(Code::cancelled, "Host " + host + " is not running."); }

class SimListener final : public Listener {
 public:
  SimListener(SimNet& net, std::shared_ptr<SimListening> listening, std::string address)
      : net_(net), listening_(std::move(listening)), address_(std::move(address)) {}
  ~SimListener() override { net_.unlisten(*listening_); }
  void close() noexcept override { net_.unlisten(*listening_); }
  std::string address() const override { return address_; }

  Task<Stream> accept() override { return accept_at(net_, listening_, address_); }

 private:
  // The listener may be destroyed before this begins or while it waits.
  static Task<Stream> accept_at(SimNet& net, std::shared_ptr<SimListening> listening, std::string address) {
    if (listening->accept)
      throw Error(Code::internal, "Two calls accept connections at " + address + " at once.", "Await one at a time.");
    for (;;) {
      error_code failure;
      auto token = asio::redirect_error(asio::use_awaitable, failure);
      co_await asio::async_initiate<decltype(token), void(error_code)>(
          [](auto handler, SimNet* n, std::shared_ptr<SimListening> l) {
            n->wait_accept(std::move(l), Handler<void(error_code)>(std::move(handler)));
          },
          token, &net, listening);
      if (failure) throw Error(Code::cancelled, "Listening at " + address + " has ended.");
      if (listening->backlog.empty()) continue;
      auto connection = std::move(listening->backlog.front());
      listening->backlog.pop_front();
      auto base = std::make_unique<SimStream>(std::move(connection), server_side);
      co_return Stream(std::move(base));
    }
  }

  SimNet& net_;
  std::shared_ptr<SimListening> listening_;
  std::string address_;
};

}  // namespace

Task<Stream> SimHost::HostFabric::connect(std::string address) {
  SimHost& host = host_;
  const SimAddress to = parse(address);
  if (to.port == 0 || to.host.empty())
    throw Error(Code::invalid_argument, "\"" + address + "\" is no address to connect to.",
                "Name a host and a port from 1 to 65535.");
  if (!host.alive()) throw dead(host.name());
  const auto& names = host.world_.by_name_;
  const auto found = names.find(to.host);
  if (found == names.end() && !means_here(to.host))
    throw Error(Code::unavailable,
                "There is no host " + to.host + " in this simulation, so " + address + " cannot be reached.",
                "Check the address.");
  SimHost& target = found == names.end() ? host : *found->second;
  auto connection = host.world_.net_.make_connection(host.life_, target.life_, to.port);
  auto base = std::make_unique<SimStream>(connection, client_side);
  error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  co_await asio::async_initiate<decltype(token), void(error_code)>(
      [](auto handler, std::shared_ptr<SimConnection> c) { c->connect(Handler<void(error_code)>(std::move(handler))); },
      token, connection);
  if (failure == asio::error::connection_refused)
    throw Error(Code::unavailable, address + " refused the connection.", "Check that something listens there.");
  if (failure == asio::error::timed_out)
    throw Error(Code::unavailable, address + " did not answer within 10 seconds.", "Try again later.");
  if (failure) throw Error(Code::cancelled, "Connecting to " + address + " was given up.");
  co_return Stream(std::move(base));
}

Task<std::unique_ptr<Listener>> SimHost::HostFabric::listen(std::string address) {
  SimHost& host = host_;
  const SimAddress at = parse(address);
  if (!host.alive()) throw dead(host.name());
  if (at.host != host.name() && !means_any(at.host) && !means_here(at.host))
    throw Error(Code::invalid_argument,
                "Host " + host.name() + " cannot listen at " + address + ": that is not its name.",
                "Listen at " + host.name() + ":" + std::to_string(at.port) + ".");
  auto listening = host.world_.net_.listen(host.life_, at.port);
  std::string own = host.name() + ":" + std::to_string(listening->port);
  std::unique_ptr<Listener> made =
      std::make_unique<SimListener>(host.world_.net_, std::move(listening), std::move(own));
  co_return made;
}

}  // namespace argot::kernel
