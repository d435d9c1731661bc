#include <kernel/host/gate.h>
#include <kernel/host/kernel_context.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/require.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

namespace argot::kernel {
namespace {

using Hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

bool means_cancelled(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const Error& error) {
    return error.code() == Code::cancelled;
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

/// One running coroutine. Owned by the coroutine's own frame (through TaskEnd), so it goes when the frame goes.
struct KernelContext::TaskEntry : Hook, std::enable_shared_from_this<TaskEntry> {
  std::string what;
  asio::cancellation_signal cancel;
  KernelContext* context = nullptr;  ///< null once the context is gone
};

/// What co_spawn calls at the end of a task; destroyed with the frame when there is no end.
struct KernelContext::TaskEnd {
  std::shared_ptr<void> keep;  ///< destroyed after entry
  std::shared_ptr<TaskEntry> entry;
  void operator()(std::exception_ptr failure) {
    entry->unlink();
    if (failure && entry->context) entry->context->task_failed(entry->what, std::move(failure));
  }
};

struct KernelContext::Wait : Hook, std::enable_shared_from_this<Wait> {
  Handler<void(error_code)> done;
  asio::cancellation_signal cancel_in_world;
  KernelContext* context = nullptr;

  void finish(error_code failure) {
    if (!done) return;  // cancelled before
    Handler<void(error_code)> handler;
    handler.swap(done);
    unlink();
    context->complete(std::move(handler), failure);
  }
  void cancel() {
    auto keep = shared_from_this();
    finish(asio::error::operation_aborted);
    cancel_in_world.emit(asio::cancellation_type::terminal);
  }
};

struct KernelContext::Job : Hook, std::enable_shared_from_this<Job> {
  enum State { waiting, running, finished, dropped };
  std::atomic<int> state{waiting};
  std::function<void()> work;
  Handler<void()> done;
  KernelContext* context = nullptr;

  /// On a worker thread.
  void run() {
    int expected = waiting;
    if (!state.compare_exchange_strong(expected, running)) return;
    work();
    state = finished;
    state.notify_all();
  }
  /// On the loop.
  void finish() {
    if (!done) return;
    Handler<void()> handler;
    handler.swap(done);
    unlink();
    context->complete(std::move(handler));
  }
  /// Whether the work had not begun; then it never will.
  bool drop() {
    int expected = waiting;
    return state.compare_exchange_strong(expected, dropped);
  }
  void wait_for_end() {
    if (drop()) return;
    state.wait(running);
  }
};

struct KernelContext::Lists {
  ListOf<TaskEntry> tasks;
  ListOf<Wait> waits;
  ListOf<Job> jobs;
};

KernelContext::KernelContext(ContextHome& home, std::shared_ptr<Turns> turns, std::string kind, std::string name,
                             Settings settings)
    : home_(&home),
      turns_(std::move(turns)),
      owner_(turns_->add_owner(name)),
      executor_(turns_->executor(owner_)),
      kind_(std::move(kind)),
      name_(std::move(name)),
      settings_(std::move(settings)),
      lists_(std::make_unique<Lists>()) {}

KernelContext::~KernelContext() { kill(); }

ContextHome& KernelContext::home() const {
  if (!home_) [[unlikely]]
    throw Error(Code::cancelled, fmt::format("The kernel of plugin {} is gone.", name_));
  return *home_;
}

/// Calls a handler as a turn of whoever waits (its associated executor; this instance when it has none).
template <class H, class... A> void KernelContext::complete(H handler, A... arguments) {
  auto executor = asio::get_associated_executor(handler, executor_);
  asio::dispatch(executor,
                 [handler = std::move(handler), arguments...]() mutable { std::move(handler)(arguments...); });
}

/// The same in a turn of its own: whoever calls does not expect the handler to run inside its call.
template <class H, class... A> void KernelContext::post(H handler, A... arguments) {
  const asio::any_completion_executor executor = asio::get_associated_executor(handler, executor_);
  auto call = [handler = std::move(handler), arguments...]() mutable { std::move(handler)(arguments...); };
  if (post_to(executor, call)) return;
  if (!home_) return executor.execute(std::move(call));  // a turn of ours would be dropped
  auto turn = [executor, call = std::move(call)]() mutable { executor.execute(std::move(call)); };
  asio::require(executor_, asio::execution::blocking.never).execute(std::move(turn));
}

void KernelContext::wait_until(Duration at, Handler<void(error_code)> done) {
  if (refuse_waits_ || !home_) {
    post(std::move(done), error_code(asio::error::operation_aborted));
    return;
  }
  auto wait = std::make_shared<Wait>();
  wait->context = this;
  if (auto slot = asio::get_associated_cancellation_slot(done); slot.is_connected())
    slot.assign([weak = std::weak_ptr(wait)](asio::cancellation_type) {
      if (auto w = weak.lock(); w && w->done) {
        // A turn of its own: whoever cancels does not expect the waiter to run inside its call.
        w->cancel_in_world.emit(asio::cancellation_type::terminal);
        if (!w->done) return;
        Handler<void(error_code)> handler;
        handler.swap(w->done);
        w->unlink();
        w->context->post(std::move(handler), error_code(asio::error::operation_aborted));
      }
    });
  wait->done.swap(done);
  lists_->waits.push_back(*wait);
  home_->world().wait_until(at, asio::bind_cancellation_slot(wait->cancel_in_world.slot(),
                                                             [wait](error_code failure) { wait->finish(failure); }));
}

void KernelContext::spawn(std::string what, Task<> task) {
  auto entry = std::make_shared<TaskEntry>();
  entry->what = std::move(what);
  entry->context = this;
  lists_->tasks.push_back(*entry);
  auto slot = entry->cancel.slot();
  asio::co_spawn(executor_, std::move(task),
                 asio::bind_cancellation_slot(slot, TaskEnd{keeper_.lock(), std::move(entry)}));
}

void KernelContext::run_off_loop(std::function<void()> work, Handler<void()> done) {
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  job->context = this;
  job->done.swap(done);
  lists_->jobs.push_back(*job);
  home().world().run_off_loop([job] { job->run(); }, [job] { job->finish(); });
}

Slot& KernelContext::slot(std::string_view interface_id) {
  std::vector<Slot*> found = slots(interface_id);
  if (found.empty())
    throw Error(Code::not_found,
                fmt::format("No plugin of this kernel provides {}, which {} asks for.", interface_id, name_),
                "Add one to the profile.");
  return *found.front();
}

void KernelContext::log(LogLevel level, std::string_view text) {
  if (home_) home_->write_log(level, name_, text);
}

void KernelContext::request_stop(int code) {
  if (home_) home_->stop_requested(code);
}

void KernelContext::task_failed(const std::string& what, std::exception_ptr failure) {
  if (stopping_ && means_cancelled(failure)) return;
  log(LogLevel::error,
      fmt::format("plugin {}: task {} failed: {}", name_, what, to_error(std::move(failure)).sentence()));
}

/// What became of a task that somebody waits for.
struct KernelContext::Outcome {
  Gate gate;
  std::shared_ptr<TaskEntry> entry;
  std::optional<Alarm> alarm;
  bool finished = false, dropped = false;
  std::optional<Error> failure;
};

Task<std::optional<Error>> KernelContext::run(std::string what, Task<> task, Duration limit) {
  // Tells the one who waits also when the task's frame is destroyed without having ended.
  struct End {
    std::shared_ptr<void> keep;
    std::shared_ptr<TaskEntry> entry;
    std::shared_ptr<Outcome> outcome;
    End(std::shared_ptr<void> k, std::shared_ptr<TaskEntry> e, std::shared_ptr<Outcome> o)
        : keep(std::move(k)), entry(std::move(e)), outcome(std::move(o)) {}
    End(End&&) = default;
    ~End() {
      if (!outcome) return;
      outcome->dropped = !outcome->finished;
      outcome->gate.open();
    }
    void operator()(std::exception_ptr failure) {
      entry->unlink();
      outcome->finished = true;
      if (failure) outcome->failure = to_error(std::move(failure));
    }
  };
  auto outcome = std::make_shared<Outcome>();
  auto entry = std::make_shared<TaskEntry>();
  entry->what = what;
  entry->context = this;
  outcome->entry = entry;
  lists_->tasks.push_back(*entry);
  if (limit > Duration::zero()) outcome->alarm.emplace(home().world(), limit, outcome->gate);
  auto slot = entry->cancel.slot();
  End end(keeper_.lock(), entry, outcome);
  asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(slot, std::move(end)));
  return outcome_of(std::move(what), std::move(outcome), limit);
}

Task<std::optional<Error>> KernelContext::outcome_of(std::string what, std::shared_ptr<Outcome> outcome,
                                                     Duration limit) {
  co_await outcome->gate.wait();
  bool expired = outcome->alarm && outcome->alarm->expired();
  outcome->alarm.reset();
  if (outcome->finished) co_return outcome->failure;
  KernelContext* context = outcome->entry->context;  // null once it is gone
  if (outcome->dropped || !expired || !context)
    co_return Error(Code::cancelled, fmt::format("The kernel ended before \"{}\" was done.", what));
  context->stopping_ = true;
  context->told_.push_back(outcome->entry);
  outcome->entry->cancel.emit(asio::cancellation_type::terminal);
  co_return Error(Code::timeout,
                  fmt::format("It did not finish within {} s.", std::chrono::duration<double>(limit).count()));
}

std::size_t KernelContext::task_count() const { return lists_->tasks.size(); }
std::size_t KernelContext::wait_count() const { return lists_->waits.size(); }
std::size_t KernelContext::job_count() const { return lists_->jobs.size(); }

std::vector<std::string> KernelContext::task_names() const {
  std::vector<std::string> names;
  for (const TaskEntry& t : lists_->tasks) names.push_back(t.what);
  return names;
}

void KernelContext::cancel_tasks() {
  std::vector<std::shared_ptr<TaskEntry>> now;
  for (TaskEntry& task : lists_->tasks) now.push_back(task.shared_from_this());
  told_.insert(told_.end(), now.begin(), now.end());
  for (const auto& task : now) task->cancel.emit(asio::cancellation_type::terminal);
}

void KernelContext::cancel_waits() {
  while (!lists_->waits.empty()) lists_->waits.front().cancel();
}

void KernelContext::kill() {
  if (!home_) return;
  home_ = nullptr;
  turns_->kill(owner_);
  // Workers may still write into frames of coroutines: let them finish before the frames go.
  for (Job& job : lists_->jobs) job.wait_for_end();
  while (!lists_->jobs.empty()) {
    auto job = lists_->jobs.front().shared_from_this();
    job->unlink();
    Handler<void()> dropped;
    dropped.swap(job->done);
  }
  while (!lists_->waits.empty()) {
    auto wait = lists_->waits.front().shared_from_this();
    wait->unlink();
    Handler<void(error_code)> dropped;
    dropped.swap(wait->done);
    wait->cancel_in_world.emit(asio::cancellation_type::terminal);
  }
  for (TaskEntry& task : lists_->tasks) task.context = nullptr;
  owner_->telling = true;
  cancel_tasks();  // what they wait for elsewhere lets go of them
  owner_->telling = false;
}

}  // namespace argot::kernel
