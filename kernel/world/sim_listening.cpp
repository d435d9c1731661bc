// Where simulated connections come in.
#include <kernel/world/sim_executor.h>
#include <kernel/world/sim_net.h>

#include <argot/error.h>

#include <boost/asio/error.hpp>

namespace argot::kernel {

class SimListening::Accept final : public Cancellable {
 public:
  Accept(SimLoop& loop, SimListening& listening, Handler<void(error_code)> done)
      : done_(std::move(done)), loop_(loop), listening_(listening) {
    hook_to(done_);
  }
  void complete(error_code result) {
    unhook();
    auto job = [host = listening_.host, life = listening_.life, aborted = bool(result),
                done = std::move(done_)]() mutable {
      sim_complete<error_code>(*host, life, std::move(done), aborted ? asio::error::operation_aborted : error_code());
    };
    loop_.ready(*listening_.host, listening_.life, SimJob(std::move(job)));
  }
  void cancelled() override {
    auto self = std::move(listening_.accept);
    complete(asio::error::operation_aborted);
  }

 private:
  Handler<void(error_code)> done_;
  SimLoop& loop_;
  SimListening& listening_;
};

std::shared_ptr<SimListening> SimNet::listen(SimLife& host, std::uint16_t port) {
  if (port == 0) {
    for (port = first_free_port; listening_.contains({host.index, port}); ++port)
      if (port == 65535)
        throw Error(Code::resource_exhausted, "Host " + host.name + " has no free port left to listen on.",
                    "Close some of its listeners.");
  } else if (listening_.contains({host.index, port})) {
    throw Error(Code::already_exists, "The address " + host.name + ":" + std::to_string(port) + " is already in use.",
                "Choose another port, or stop what listens there.");
  }
  auto made = std::make_shared<SimListening>();
  made->host = &host;
  made->life = host.life;
  made->port = port;
  listening_[{host.index, port}] = made;
  return made;
}

void SimNet::unlisten(SimListening& listening) {
  if (listening.closed) return;
  listening.closed = true;
  if (auto waiting = std::move(listening.accept)) waiting->complete(asio::error::operation_aborted);
  const auto backlog = std::move(listening.backlog);
  if (listening.host->life == listening.life)
    for (const auto& connection : backlog) connection->close(server_side);
  listening_.erase({listening.host->index, listening.port});  // may be the last owner
}

void SimNet::wait_accept(std::shared_ptr<SimListening> listening, Handler<void(error_code)> done) {
  auto accept = std::make_unique<SimListening::Accept>(loop_, *listening, std::move(done));
  if (listening->closed || listening->accept) return accept->complete(asio::error::operation_aborted);
  if (!listening->backlog.empty()) return accept->complete({});
  listening->accept = std::move(accept);
}

void SimNet::wake(SimListening& listening) {
  if (auto waiting = std::move(listening.accept)) waiting->complete({});
}

}  // namespace argot::kernel
