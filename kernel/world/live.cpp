#include <kernel/world/live.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sodium.h>

#include <csignal>

namespace argot::kernel {

LiveWorld::LiveWorld(LogOptions log)
    : log_(std::move(log)),
      origin_(LiveTimers::Clock::now()),
      loop_(1),
      executor_(loop_.get_executor()),
      signals_(loop_),
      timers_(loop_, origin_),
      workers_(executor_, [this](std::string what) {
        log_.write(LogLevel::error, "world", "A job off the loop threw: " + what);
      }) {
  if (sodium_init() < 0)
    throw Error(Code::internal, "libsodium could not be initialised: the system gives no randomness.",
                "Check that /dev/urandom can be read.");
  warm_up();
}

LiveWorld::~LiveWorld() = default;

// The first object of a kind in a loop makes the loop's service for that kind, whose code belongs to whoever was
// first. That must not be a plugin, which may be unmapped.
void LiveWorld::warm_up() {
  using asio::ip::tcp;
  using local = asio::local::stream_protocol;
  asio::steady_timer timer(loop_);
  tcp::socket socket(loop_);
  tcp::acceptor acceptor(loop_);
  tcp::resolver resolver(loop_);
  local::socket local_socket(loop_);
  local::acceptor local_acceptor(loop_);
  asio::posix::stream_descriptor descriptor(loop_);
  asio::signal_set signals(loop_);
}

void LiveWorld::run() {
  auto work = asio::make_work_guard(loop_);
  while (!stopped_) {
    loop_.restart();
    if (stopped_) break;  // between the test and restart(): restart() would have undone it
    loop_.run();
  }
  stopped_ = false;
}

void LiveWorld::poll() {
  loop_.restart();
  loop_.poll();
}

void LiveWorld::stop() {
  stopped_ = true;
  loop_.stop();
}

void LiveWorld::on_stop_signal(std::function<void(int)> f) {
  const bool first = !on_signal_;
  on_signal_ = std::move(f);
  if (!first) return;
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  await_signal();
}

void LiveWorld::await_signal() {
  signals_.async_wait([this](error_code failure, int number) {
    if (failure) return;
    await_signal();
    on_signal_(number);
  });
}

Time LiveWorld::now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

Duration LiveWorld::uptime() { return std::chrono::floor<Duration>(LiveTimers::Clock::now() - origin_); }

void LiveWorld::wait_until(Duration at, Handler<void(error_code)> done) { timers_.wait_until(at, std::move(done)); }

void LiveWorld::run_off_loop(std::function<void()> work, Handler<void()> done) {
  workers_.run(std::move(work), std::move(done));
}

void LiveWorld::random(std::span<Byte> out) { randombytes_buf(out.data(), out.size()); }

std::shared_ptr<void>& LiveWorld::shared(std::string_view key) {
  const auto found = shared_.find(key);
  return found != shared_.end() ? found->second : shared_[std::string(key)];
}

void LiveWorld::log(int level, std::string_view who, std::string_view text) {
  log_.write(static_cast<LogLevel>(level), who, text);
}

}  // namespace argot::kernel
