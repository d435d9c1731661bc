// A world for tests of this folder: a virtual clock, streams that are pipes in memory with a bound, a network of names.
#pragma once
#include <argot/network.h>
#include <argot/testing/bare_context.h>

#include <boost/asio/error.hpp>

#include <gtest/gtest.h>

#include <deque>

namespace argot::http::test {

struct OwnWorld {
  kit::BareWorld own;
};

/// A BareContext with a world of its own, which can stop in the middle.
class TestContext final : private OwnWorld, public kit::BareContext {
 public:
  TestContext() : kit::BareContext(own) { own.start = Time(std::chrono::seconds(1'750'000'000)); }
  ~TestContext() override {
    for (auto& end : endings_) end();
  }
  void spawn(std::string what, Task<> task) override {
    auto counted = [](std::shared_ptr<std::size_t> running, Task<> inner) -> Task<> {
      struct Done {
        std::shared_ptr<std::size_t> running;
        ~Done() { --*running; }
      } done{std::move(running)};
      co_await std::move(inner);
    };
    ++*running_;
    BareContext::spawn(std::move(what), counted(running_, std::move(task)));
  }

  template <class T> Handle<T> provide(T& object) {
    Instance& instance = instances_.emplace_back();
    instance.object = &object;
    Slot& slot = provided[std::string(T::interface_id)];
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
    asio::co_spawn(own.loop, outer(), [&](std::exception_ptr f) { failure = f, done = true; });
    while (!done) {
      if (own.step()) continue;
      ADD_FAILURE() << "everything waits for something that will not happen";
      throw std::runtime_error("stalled");
    }
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  void pass(Duration time) { own.pass(time); }
  std::size_t running() const { return *running_; }
  std::size_t timers() const { return own.waits.size(); }
  std::vector<std::string>& lines() { return BareContext::lines; }
  Settings& options() { return change_settings(); }
  std::filesystem::path data_dir() override { return folder; }
  std::filesystem::path folder = std::filesystem::temp_directory_path();
  /// Called at the end: what holds coroutines that wait lets go of them. They own what holds them, so nobody else
  /// would.
  void at_end(std::function<void()> let_go) { endings_.push_back(std::move(let_go)); }

 private:
  std::deque<Instance> instances_;
  std::shared_ptr<std::size_t> running_ = std::make_shared<std::size_t>(0);
  std::vector<std::function<void()>> endings_;
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
    auto found = listeners_->find(address);
    if (found == listeners_->end())
      throw Error(Code::unavailable, "Cannot connect to " + address + ": connection refused.");
    ++connects;
    auto up = make_pipe(), down = make_pipe();
    up->record = &record_up;
    down->record = &record_down;
    auto theirs = std::make_unique<PipeStream>(up, down, "client:" + std::to_string(connects));
    Door* door = found->second;
    if (auto all = shared_->find(address); all != shared_->end() && !all->second.empty()) {
      all->second.push_back(all->second.front());  // one after the other
      all->second.pop_front();
      door = all->second.back();
    }
    door->arrived(Stream(std::move(theirs)));
    auto ours = std::make_unique<PipeStream>(down, up, address);
    last = ours.get();
    co_return Stream(std::move(ours));
  }
  Task<std::unique_ptr<Listener>> listen(std::string address) override {
    auto made = std::make_unique<Door>(*this, address);
    (*listeners_)[address] = made.get();
    std::unique_ptr<Listener> out = std::move(made);
    co_return out;
  }

  Task<std::unique_ptr<Listener>> listen_shared(std::string address) override {
    auto made = std::make_unique<Door>(*this, address);
    (*listeners_)[address] = made.get();
    (*shared_)[address].push_back(made.get());
    std::unique_ptr<Listener> out = std::move(made);
    co_return out;
  }

  ~PipeNetwork() override {
    for (auto& [address, doors] : *shared_)
      for (Door* door : doors) {
        Handler<void()> waiter;
        waiter.swap(door->waiter);
      }
    while (!listeners_->empty()) {
      Handler<void()> waiter;
      waiter.swap(listeners_->begin()->second->waiter);
      listeners_->erase(listeners_->begin());
    }
  }

  int connects = 0;
  std::string record_up, record_down;  ///< all bytes of all connections, as they were written
  std::set<std::string> hang;          ///< addresses that never answer
  PipeStream* last = nullptr;

 private:
  struct Door final : Listener {
    Door(PipeNetwork& n, std::string a)
        : executor(n.ctx_.executor()), doors(n.listeners_), shared(n.shared_), name(std::move(a)) {}
    ~Door() override { close(); }
    void arrived(Stream stream) {
      queue.push_back(std::move(stream));
      wake();
    }
    void wake() {
      if (waiter) asio::post(executor, std::move(waiter));
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
      auto& others = (*shared)[name];
      std::erase(others, this);
      if (const auto at = doors->find(name); at != doors->end() && at->second == this) {
        if (others.empty())
          doors->erase(at);
        else
          at->second = others.front();
      }
      if (others.empty()) shared->erase(name);
      wake();
    }
    std::string address() const override { return name; }
    asio::any_io_executor executor;
    std::shared_ptr<std::map<std::string, Door*>> doors;  // it may outlive the network
    std::shared_ptr<std::map<std::string, std::deque<Door*>>> shared;
    std::string name;
    std::deque<Stream> queue;
    Handler<void()> waiter;
    bool closed = false;
  };
  std::shared_ptr<Pipe> make_pipe() {
    auto pipe = std::make_shared<Pipe>(ctx_.executor());
    ctx_.at_end([weak = std::weak_ptr<Pipe>(pipe)] {
      if (auto alive = weak.lock()) {
        StreamBase::Done reader, writer;
        reader.swap(alive->reader);
        writer.swap(alive->writer);
      }
    });
    return pipe;
  }
  TestContext& ctx_;
  std::shared_ptr<std::map<std::string, Door*>> listeners_ = std::make_shared<std::map<std::string, Door*>>();
  /// By address: who shares it, the one whose turn is next first.
  std::shared_ptr<std::map<std::string, std::deque<Door*>>> shared_ =
      std::make_shared<std::map<std::string, std::deque<Door*>>>();
};

}  // namespace argot::http::test
