#pragma once
// The live world's threads for work that would hold up the loop: two, started when first needed.
#include <argot/task.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace argot::kernel {

class WorkerPool {
 public:
  static constexpr std::size_t threads = 2;
  /// Jobs that wait. When so many wait already, the next runs on the caller's thread: it is slower for
  /// everybody, which is what keeps more from coming, but nothing is lost and nothing grows.
  static constexpr std::size_t max_waiting = 1000;

  /// `failed` is told, on the loop, what a job threw.
  WorkerPool(asio::any_io_executor loop, std::function<void(std::string what)> failed);
  /// Jobs that run are waited for; jobs that wait are dropped with their handlers.
  ~WorkerPool();

  /// Runs `work` on a worker, then `done` on the loop. Work should not throw: `done` comes all the same.
  void run(std::function<void()> work, Handler<void()> done);

 private:
  struct Job {
    std::function<void()> work;
    Handler<void()> done;
  };
  void serve();
  void perform(Job job);

  asio::any_io_executor loop_;
  std::function<void(std::string)> failed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace argot::kernel
