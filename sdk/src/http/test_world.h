// A world for tests of this folder: a virtual clock, streams that are pipes in memory with a bound, a network of names.
#pragma once
#include <argot/context.h>
#include <argot/network.h>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace argot::http::test {

class TestContext final : public Context {
 public:
  // What waits is destroyed while the loop still takes what that sets free.
  ~TestContext() override {
    while (!timers_.empty()) {
      auto timer = timers_.begin()->second;
      timers_.erase(timers_.begin());
    }
  }
  const std::string& name() const override { return name_; }
  const Settings& settings() const override { return settings_; }
  Time now() const override { return Time(std::chrono::seconds(1'750'000'000)) + uptime_; }
  Duration uptime() const override { return uptime_; }
  void wait_until(Duration at, Handler<void(error_code)> done) override {
    auto timer = std::make_shared<Timer>(Timer{std::move(done), next_++});
    auto slot = asio::get_associated_cancellation_slot(timer->done);
    timers_[{at, timer->number}] = timer;
    if (slot.is_connected())
      slot.assign([this, at, weak = std::weak_ptr<Timer>(timer)](asio::cancellation_type) {
        if (auto t = weak.lock(); t && timers_.erase({at, t->number})) fire(t, asio::error::operation_aborted);
      });
  }
  asio::any_io_executor executor() override { return io_.get_executor(); }
  void spawn(std::string what, Task<> task) override {
    ++running_;
    asio::co_spawn(io_, std::move(task), [this, what](std::exception_ptr failure) {
      --running_;
      if (failure) log_.push_back(what + ": " + to_error(failure).what());
    });
  }
  void run_off_loop(std::function<void()> work, Handler<void()> done) override {
    work();
    asio::post(io_, std::move(done));
  }
  void random(std::span<Byte> out) override {
    for (Byte& b : out) b = static_cast<Byte>(generator_());
  }
  bool chance(std::string_view, double) override { return false; }
  Slot& slot(std::string_view id) override {
    for (Slot& s : slots_)
      if (s.interface_id == id) return s;
    throw Error(Code::not_found, "no slot " + std::string(id));
  }
  std::vector<Slot*> slots(std::string_view id) override { return {&slot(id)}; }
  std::filesystem::path data_dir() override { return folder; }
  std::shared_ptr<void>& shared(std::string_view key) override { return shared_[std::string(key)]; }
  void log(LogLevel, std::string_view text) override { log_.emplace_back(text); }
  void request_stop(int) override {}

  template <class T> Handle<T> provide(T& object) {
    Instance& instance = instances_.emplace_back();
    instance.object = &object;
    Slot& slot = slots_.emplace_back();
    slot.current = &instance;
    slot.interface_id = T::interface_id;
    return Handle<T>(&slot);
  }

  /// Runs everything until `task` is done. Fails the test when nothing is left that could finish it.
  template <class T> T run(Task<T> task) {
    std::exception_ptr failure;
    bool done = false;
    std::conditional_t<std::is_void_v<T>, int, std::optional<T>> result{};
    auto outer = [&]() -> Task<> {
      if constexpr (std::is_void_v<T>)
        co_await std::move(task);
      else
        result.emplace(co_await std::move(task));
    };
    asio::co_spawn(io_, outer(), [&](std::exception_ptr f) { failure = f, done = true; });
    while (!done) {
      if (step()) continue;
      ADD_FAILURE() << "everything waits for something that will not happen";
      throw std::runtime_error("stalled");
    }
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  /// Lets time pass.
  void pass(Duration time) {
    const Duration until = uptime_ + time;
    for (;;) {
      drain();
      if (timers_.empty() || timers_.begin()->first.first > until) break;
      step();
    }
    uptime_ = until;
    drain();
  }
  std::size_t running() const { return running_; }
  std::size_t timers() const { return timers_.size(); }
  std::vector<std::string>& lines() { return log_; }
  Settings& options() { return settings_; }
  std::filesystem::path folder = std::filesystem::temp_directory_path();

 private:
  struct Timer {
    Handler<void(error_code)> done;
    std::uint64_t number;
  };
  void drain() {
    io_.restart();
    io_.poll();
  }
  void fire(std::shared_ptr<Timer> timer, error_code failure) {
    asio::post(io_, [timer, failure] { std::move(timer->done)(failure); });
  }
  /// Everything that is ready, or the next timer.
  bool step() {
    io_.restart();
    if (io_.poll()) return true;
    if (timers_.empty()) return false;
    auto first = timers_.begin();
    uptime_ = std::max(uptime_, first->first.first);
    auto timer = first->second;
    timers_.erase(first);
    fire(timer, {});
    return true;
  }

  std::string name_ = "test";
  Settings settings_;
  std::map<std::string, std::shared_ptr<void>> shared_;
  std::deque<Instance> instances_;
  std::deque<Slot> slots_;
  std::vector<std::string> log_;
  std::mt19937_64 generator_{1};
  Duration uptime_{};
  std::uint64_t next_ = 0;
  std::size_t running_ = 0;
  std::map<std::pair<Duration, std::uint64_t>, std::shared_ptr<Timer>> timers_;
  asio::io_context io_;
};

/// One direction of a pipe: at most `room` bytes wait; more makes the writer wait.
struct Pipe {
  explicit Pipe(asio::any_io_executor e) : executor(std::move(e)) {}
  static constexpr std::size_t room = 32 * 1024;
  asio::any_io_executor executor;
  std::string bytes;
  bool ended = false;   ///< the writer has finished
  bool broken = false;  ///< the reader is gone
  StreamBase::Done reader, writer;
  asio::mutable_buffer into;
  asio::const_buffer from;
  std::string* record = nullptr;  ///< everything that was written

  static void tell(asio::any_io_executor executor, StreamBase::Done& done, error_code failure, std::size_t n) {
    asio::post(executor, [d = std::move(done), failure, n]() mutable { std::move(d)(failure, n); });
    done = nullptr;
  }
  void pump() {
    if (writer) {
      if (broken)
        tell(executor, writer, asio::error::broken_pipe, 0);
      else if (bytes.size() < room) {
        const std::size_t n = std::min(from.size(), room - bytes.size());
        bytes.append(static_cast<const char*>(from.data()), n);
        if (record) record->append(static_cast<const char*>(from.data()), n);
        tell(executor, writer, {}, n);
      }
    }
    if (reader && (!bytes.empty() || ended)) {
      const std::size_t n = std::min(into.size(), bytes.size());
      std::copy_n(bytes.data(), n, static_cast<char*>(into.data()));
      bytes.erase(0, n);
      tell(executor, reader, n || into.size() == 0 ? error_code() : asio::error::eof, n);
      if (n && writer) pump();
    }
  }
};

class PipeStream final : public StreamBase {
 public:
  PipeStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, std::string peer)
      : in_(std::move(in)), out_(std::move(out)), peer_(std::move(peer)) {}
  ~PipeStream() override { close(); }
  void read_some(asio::mutable_buffer into, Done done) override {
    in_->into = into;
    in_->reader.swap(done);
    if (closed_) return Pipe::tell(in_->executor, in_->reader, asio::error::operation_aborted, 0);
    in_->pump();
  }
  void write_some(asio::const_buffer from, Done done) override {
    out_->from = from;
    out_->writer.swap(done);
    if (closed_) return Pipe::tell(out_->executor, out_->writer, asio::error::operation_aborted, 0);
    if (out_->ended) return Pipe::tell(out_->executor, out_->writer, asio::error::broken_pipe, 0);
    out_->pump();
  }
  void close() noexcept override {
    if (std::exchange(closed_, true)) return;
    if (in_->reader) Pipe::tell(in_->executor, in_->reader, asio::error::operation_aborted, 0);
    if (out_->writer) Pipe::tell(out_->executor, out_->writer, asio::error::operation_aborted, 0);
    in_->broken = true;
    in_->pump();
    finish_writing();
  }
  void finish_writing() {
    out_->ended = true;
    out_->pump();
  }
  asio::any_io_executor executor() override { return in_->executor; }
  std::string peer() const override { return peer_; }

 private:
  std::shared_ptr<Pipe> in_, out_;
  std::string peer_;
  bool closed_ = false;
};

/// Names and who listens there.
class PipeNetwork final : public Network {
 public:
  explicit PipeNetwork(TestContext& ctx) : ctx_(ctx) {}

  Task<Stream> connect(std::string address) override {
    if (hang.contains(address)) co_await ctx_.sleep(std::chrono::hours(1));
    auto found = listeners_.find(address);
    if (found == listeners_.end())
      throw Error(Code::unavailable, "Cannot connect to " + address + ": connection refused.");
    ++connects;
    auto up = std::make_shared<Pipe>(ctx_.executor()), down = std::make_shared<Pipe>(ctx_.executor());
    up->record = &record_up;
    down->record = &record_down;
    auto theirs = std::make_unique<PipeStream>(up, down, "client:" + std::to_string(connects));
    found->second->arrived(Stream(std::move(theirs)));
    auto ours = std::make_unique<PipeStream>(down, up, address);
    last = ours.get();
    co_return Stream(std::move(ours));
  }
  Task<std::unique_ptr<Listener>> listen(std::string address) override {
    auto made = std::make_unique<Door>(*this, address);
    listeners_[address] = made.get();
    std::unique_ptr<Listener> out = std::move(made);
    co_return out;
  }

  int connects = 0;
  std::string record_up, record_down;  ///< all bytes of all connections, as they were written
  std::set<std::string> hang;          ///< addresses that never answer
  PipeStream* last = nullptr;

 private:
  struct Door final : Listener {
    Door(PipeNetwork& n, std::string a) : network(n), name(std::move(a)) {}
    ~Door() override { close(); }
    void arrived(Stream stream) {
      queue.push_back(std::move(stream));
      wake();
    }
    void wake() {
      if (waiter) asio::post(network.ctx_.executor(), std::move(waiter));
      waiter = nullptr;
    }
    Task<Stream> accept() override {
      while (queue.empty() && !closed) {
        auto begin = [this](auto handler) { Handler<void()>(std::move(handler)).swap(waiter); };
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(begin), asio::use_awaitable);
      }
      if (closed) throw Error(Code::cancelled, "no longer listening");
      Stream out = std::move(queue.front());
      queue.pop_front();
      co_return out;
    }
    void close() noexcept override {
      closed = true;
      network.listeners_.erase(name);
      wake();
    }
    std::string address() const override { return name; }
    PipeNetwork& network;
    std::string name;
    std::deque<Stream> queue;
    Handler<void()> waiter;
    bool closed = false;
  };
  TestContext& ctx_;
  std::map<std::string, Door*> listeners_;
};

}  // namespace argot::http::test
