#include "shard_thread.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <pthread.h>

namespace argot::cli {

ShardThread::ShardThread(int number, kernel::Profile profile, kernel::LogOptions log, asio::any_io_executor home)
    : number_(number), profile_(std::move(profile)), world_(std::move(log)), home_(std::move(home)) {}

ShardThread::~ShardThread() {
  if (thread_.joinable()) thread_.join();
}

/// Runs `what` on the main thread, in the order of the calls.
void ShardThread::tell(std::function<void()> what) { asio::post(home_, std::move(what)); }

Task<> ShardThread::start() {
  thread_ = std::thread([this] { run(); });
  kernel::Gate started = started_;
  co_await started.wait();
  if (failure_) std::rethrow_exception(failure_);
}

Task<> ShardThread::stop() {
  if (!thread_.joinable()) co_return;
  asked_ = true;
  asio::post(world_.executor(), [this] {
    if (kernel_) kernel_->request_stop(0);
  });
  kernel::Gate ended = ended_;
  co_await ended.wait();
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

void ShardThread::run() {
  ::pthread_setname_np(::pthread_self(), ("shard " + std::to_string(number_)).c_str());
  std::exception_ptr failure;
  try {
    kernel::Catalog catalog = kernel::Catalog::standard(profile_.plugin_path);
    kernel::Kernel kernel(world_, profile_, std::move(catalog));
    kernel_ = &kernel;
    asio::co_spawn(world_.executor(), live(kernel), [&](std::exception_ptr thrown) {
      failure = thrown;
      world_.stop();
    });
    world_.run();
  } catch (...) {
    failure = std::current_exception();
  }
  kernel_ = nullptr;
  // The main thread joins this one after this, so that nothing of it is in use any more.
  tell([this, failure] {
    failure_ = failure;
    started_.open();
    ended_.open();
    if (!asked_ && on_end) on_end();
  });
}

Task<> ShardThread::live(kernel::Kernel& kernel) {
  std::exception_ptr failure;
  try {
    co_await kernel.start();
    tell([this] { started_.open(); });
    co_await kernel.wait_for_stop();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await kernel.stop();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace argot::cli
