#pragma once
// A listening TCP socket.
#include <argot/context.h>
#include <argot/stream.h>

#include <boost/asio/ip/tcp.hpp>

namespace argot::os {

class OsListener final : public Listener {
 public:
  /// `acceptor` listens. `ctx` outlives this.
  OsListener(Context& ctx, asio::ip::tcp::acceptor acceptor);
  ~OsListener() override;
  /// When the process has no descriptor or memory left for one more connection, waits a little and tries again.
  Task<Stream> accept() override;
  void close() noexcept override;
  std::string address() const override;

 private:
  struct State;
  static Task<Stream> accept_at(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;  // shared with an accept() that waits
};

}  // namespace argot::os
