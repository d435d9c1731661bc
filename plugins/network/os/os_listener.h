#pragma once
// A listening TCP socket.
#include "os_accept.h"

#include <argot/stream.h>

#include <boost/asio/ip/tcp.hpp>

namespace argot::os {

class OsListener final : public Listener {
 public:
  /// `acceptor` listens. `ctx` outlives this.
  OsListener(Context& ctx, asio::ip::tcp::acceptor acceptor);
  ~OsListener() override;
  Task<Stream> accept() override;
  void close() noexcept override;
  std::string address() const override;

 private:
  using State = Listening<asio::ip::tcp>;
  static Task<Stream> accept_at(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace argot::os
