#include "doorman.h"

#include <boost/asio/redirect_error.hpp>

#include <deque>

namespace argot::node {
namespace {

/// A stream with its first byte put back.
class Rewound final : public StreamBase {
 public:
  Rewound(Stream stream, char first) : stream_(std::move(stream)), first_(first), executor_(stream_.get_executor()) {}
  void read_some(asio::mutable_buffer into, Done done) override {
    if (!first_ || into.size() == 0) {
      stream_.async_read_some(into, std::move(done));
      return;
    }
    *static_cast<char*>(into.data()) = *std::exchange(first_, std::nullopt);
    asio::post(executor_, [done = std::move(done)]() mutable { std::move(done)(error_code(), 1); });
  }
  void write_some(asio::const_buffer from, Done done) override { stream_.async_write_some(from, std::move(done)); }
  void close() noexcept override { stream_.close(); }
  asio::any_io_executor executor() override { return executor_; }
  std::string peer() const override { return stream_.peer(); }

 private:
  Stream stream_;
  std::optional<char> first_;
  asio::any_io_executor executor_;
};

}  // namespace

struct Doorman::Queue {
  explicit Queue(Context& ctx) : bell(ctx) {}
  std::deque<Stream> streams;
  Doorbell bell;
  bool closed = false;
};

struct Doorman::Exit final : Listener {
  Exit(std::shared_ptr<Queue> q, std::string a) : queue(std::move(q)), name(std::move(a)) {}
  ~Exit() override { close(); }
  Task<Stream> accept() override {
    const auto keep = queue;
    while (keep->streams.empty() && !keep->closed) co_await keep->bell.wait(std::nullopt);
    if (keep->closed) throw Error(Code::cancelled, "The node no longer takes connections.");
    Stream out = std::move(keep->streams.front());
    keep->streams.pop_front();
    co_return out;
  }
  void close() noexcept override {
    queue->closed = true;
    queue->streams.clear();
    queue->bell.ring();
  }
  std::string address() const override { return name; }
  std::shared_ptr<Queue> queue;
  std::string name;
};

Doorman::Doorman(Context& ctx, char link_byte, std::function<Task<>(Stream)> on_link)
    : ctx_(ctx),
      link_byte_(link_byte),
      on_link_(std::move(on_link)),
      queue_(std::make_shared<Queue>(ctx)),
      running_(ctx) {}
Doorman::~Doorman() = default;

std::size_t Doorman::undecided() const { return at_door_.size(); }

std::unique_ptr<Listener> Doorman::others(std::string address) {
  return std::make_unique<Exit>(queue_, std::move(address));
}

Task<> Doorman::run(std::unique_ptr<Listener> listener) {
  listener_ = listener.get();
  while (!stopping_) {
    Stream stream;
    bool tired = false;
    try {
      stream = co_await listener->accept();
    } catch (const Error& error) {
      if (stopping_ || error.code() == Code::cancelled) break;
      if (error.code() == Code::resource_exhausted) {
        std::size_t silent = 0;
        for (const auto& each : at_door_)
          if (++silent <= 16) each->close();
        if (full_) full_();
        continue;
      }
      ctx_.warn("Accepting a connection on " + listener->address() + " failed: " + error.sentence());
      tired = true;  // out of file descriptors, say: it passes
    }
    if (tired) {
      co_await ctx_.sleep(std::chrono::milliseconds(100));
      continue;
    }
    if (stopping_) continue;  // closes it
    // Who has said nothing for the longest time makes room: a crowd of the silent keeps nobody else out.
    if (at_door_.size() >= max_undecided) at_door_.front()->close();
    running_.spawn("a connection", look(std::move(stream)));
  }
  listener_ = nullptr;
}

Task<> Doorman::look(Stream stream) {
  auto held = std::make_shared<Stream>(std::move(stream));
  char first = 0;
  std::size_t n = 0;
  {
    const auto place = at_door_.insert(at_door_.end(), held);
    struct Leaves {
      std::list<std::shared_ptr<Stream>>& door;
      std::list<std::shared_ptr<Stream>>::iterator place;
      ~Leaves() { door.erase(place); }
    } leaves{at_door_, place};
    std::function<void()> send_away = [held] { held->close(); };
    Deadline deadline(ctx_, patience, std::move(send_away));
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    const asio::mutable_buffer into(&first, 1);
    n = co_await held->async_read_some(into, token);
    if (failure) n = 0;
  }
  if (n == 0 || stopping_) co_return;
  auto base = std::make_unique<Rewound>(std::move(*held), first);
  Stream whole(std::move(base));
  if (first == link_byte_) {
    co_await on_link_(std::move(whole));
  } else if (!queue_->closed) {
    queue_->streams.push_back(std::move(whole));
    queue_->bell.ring();
  }
}

Task<> Doorman::stop() {
  stopping_ = true;
  if (listener_) listener_->close();
  for (const auto& stream : at_door_) stream->close();
  queue_->closed = true;
  queue_->streams.clear();
  queue_->bell.ring();
  co_await running_.wait();
}

}  // namespace argot::node
