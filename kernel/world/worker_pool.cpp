#include <kernel/world/worker_pool.h>

#include <argot/error.h>

#include <boost/asio/post.hpp>

namespace argot::kernel {

WorkerPool::WorkerPool(asio::any_io_executor loop, std::function<void(std::string)> failed)
    : loop_(std::move(loop)), failed_(std::move(failed)) {}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void WorkerPool::run(std::function<void()> work, Handler<void()> done) {
  Job job{std::move(work), std::move(done)};
  {
    std::lock_guard lock(mutex_);
    if (waiting_.size() < max_waiting) {
      waiting_.push_back(std::move(job));
      // The second thread only when the first has something to do already.
      if (workers_.size() < threads && workers_.size() < waiting_.size() + (workers_.empty() ? 0 : 1))
        workers_.emplace_back([this] { serve(); });
      wake_.notify_one();
      return;
    }
  }
  perform(std::move(job));
}

void WorkerPool::serve() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    perform(std::move(job));
  }
}

void WorkerPool::perform(Job job) {
  try {
    job.work();
  } catch (...) {
    std::string what = to_error(std::current_exception()).sentence();
    asio::post(loop_, [failed = failed_, what = std::move(what)]() mutable { failed(std::move(what)); });
  }
  job.work = nullptr;  // what it captured ends here, before the loop goes on
  asio::post(loop_, std::move(job.done));
}

}  // namespace argot::kernel
