#pragma once
// What one plugin instance sees of its kernel, and the list of everything it has started: tasks, waits, jobs.
#include <kernel/host/turns.h>
#include <kernel/world/world.h>

#include <argot/context.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>

namespace argot::kernel {

/// What a context asks of its host.
class ContextHome {
 public:
  virtual World& world() = 0;
  virtual std::vector<Slot*> find_slots(std::string_view interface_id) = 0;
  /// The directory of one component; made if it is not there.
  virtual std::filesystem::path component_dir(const std::string& kind, const std::string& name) = 0;
  virtual void write_log(LogLevel level, std::string_view who, std::string_view text) = 0;
  virtual void stop_requested(int code) = 0;

 protected:
  ~ContextHome() = default;
};

class KernelContext final : public Context {
 public:
  KernelContext(ContextHome& home, std::shared_ptr<Turns> turns, std::string kind, std::string name, Settings settings);
  ~KernelContext() override;

  const std::string& name() const override { return name_; }
  const Settings& settings() const override { return settings_; }
  Time now() const override { return home().world().now(); }
  Duration uptime() const override { return home().world().uptime(); }
  void wait_until(Duration at, Handler<void(error_code)> done) override;
  asio::any_io_executor executor() override { return executor_; }
  void spawn(std::string what, Task<> task) override;
  void run_off_loop(std::function<void()> work, Handler<void()> done) override;
  void random(std::span<Byte> out) override { home().world().random(out); }
  bool chance(std::string_view what, double probability) override { return home().world().chance(what, probability); }
  Slot& slot(std::string_view interface_id) override;
  std::vector<Slot*> slots(std::string_view interface_id) override { return home().find_slots(interface_id); }
  std::filesystem::path data_dir() override { return home().component_dir(kind_, name_); }
  std::shared_ptr<void>& shared(std::string_view key) override { return home().world().shared(key); }
  void log(LogLevel level, std::string_view text) override;
  void request_stop(int code) override;

  // --- for the host ---

  /// What tasks keep alive (the component), so that no coroutine outlives the object it works for.
  void set_keeper(std::weak_ptr<void> keeper) { keeper_ = std::move(keeper); }
  /// Runs a task as this instance, from this call on; tells it to end after `limit` (if positive). What it returns is
  /// for waiting: nothing on success, else why not. It may outlive the context: Error(cancelled) then.
  /// A task that does not end although it was told to is still counted by task_count().
  Task<std::optional<Error>> run(std::string what, Task<> task, Duration limit);

  std::size_t task_count() const;
  std::size_t wait_count() const;
  std::size_t job_count() const;
  std::vector<std::string> task_names() const;
  /// Tells every task to end: what it waits for throws.
  void cancel_tasks();
  /// Completes every wait with operation_aborted.
  void cancel_waits();
  /// New waits end at once, too.
  void refuse_waits() { refuse_waits_ = true; }
  /// From now on failures of tasks are expected.
  void set_stopping() { stopping_ = true; }
  /// Drops everything without running any of it, and detaches from the host. Waits for jobs that run off the loop.
  void kill();

 private:
  struct TaskEntry;
  struct TaskEnd;
  struct Outcome;
  struct Wait;
  struct Job;
  template <class T> using ListOf = boost::intrusive::list<T, boost::intrusive::constant_time_size<false>>;

  static Task<std::optional<Error>> outcome_of(std::string what, std::shared_ptr<Outcome> outcome, Duration limit);
  ContextHome& home() const;
  void task_failed(const std::string& what, std::exception_ptr failure);
  template <class H, class... A> void complete(H handler, A... arguments);
  template <class H, class... A> void post(H handler, A... arguments);

  ContextHome* home_;
  std::shared_ptr<Turns> turns_;
  TurnOwner* owner_;
  asio::any_io_executor executor_;
  std::string kind_, name_;
  Settings settings_;
  std::weak_ptr<void> keeper_;
  bool stopping_ = false, refuse_waits_ = false;
  struct Lists;
  std::unique_ptr<Lists> lists_;
  std::vector<std::shared_ptr<TaskEntry>> told_;  ///< Asio may still refer to the signal of a task that has ended
};

}  // namespace argot::kernel
