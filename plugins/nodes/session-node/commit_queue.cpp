#include "commit_queue.h"

#include <algorithm>
#include <deque>
#include <vector>

namespace argot::node {
namespace {

constexpr std::size_t max_waiting = 4'000, max_together = 256;

struct Job {
  std::function<void(Database&)> work;
  std::exception_ptr failure;
  Handler<void()> waiter;
  bool done = false, only_reads = false;
};
using Jobs = std::vector<std::shared_ptr<Job>>;

/// A waiting coroutine holds its job and the job holds the coroutine: who ends without having run jobs parts them.
template <class List> struct PartsThem {
  List jobs;
  ~PartsThem() {
    for (const auto& job : jobs) Handler<void()>().swap(job->waiter);
  }
};

void run_together(Database& db, const Jobs& jobs) {
  if (std::all_of(jobs.begin(), jobs.end(), [](const auto& job) { return job->only_reads; })) {
    for (const auto& job : jobs) try {
        job->work(db);
      } catch (...) {
        job->failure = std::current_exception();
      }
    return;
  }
  try {
    db.begin();
    for (const auto& job : jobs) {
      job->failure = nullptr;
      try {
        db.atomically([&] { job->work(db); });
      } catch (...) {
        job->failure = std::current_exception();
        if (!db.in_transaction()) throw;
      }
    }
    db.commit();
    return;
  } catch (...) {
    db.rollback();
    if (jobs.size() == 1) {
      jobs[0]->failure = std::current_exception();
      return;
    }
  }
  // One failure took the others with it (a full disk does): each for itself, so that only the guilty fail.
  for (const auto& job : jobs) run_together(db, {job});
}

}  // namespace

struct CommitQueue::State : std::enable_shared_from_this<State> {
  State(Context& c, std::shared_ptr<Database> d) : ctx(c), db(std::move(d)) {}
  Context& ctx;
  std::shared_ptr<Database> db;
  PartsThem<std::deque<std::shared_ptr<Job>>> waiting;
  bool running = false;

  void start_next() {
    running = !waiting.jobs.empty();
    if (!running) return;
    auto batch = std::make_shared<PartsThem<Jobs>>();
    while (!waiting.jobs.empty() && batch->jobs.size() < max_together) {
      batch->jobs.push_back(std::move(waiting.jobs.front()));
      waiting.jobs.pop_front();
    }
    auto work = [batch, keep = db] { run_together(*keep, batch->jobs); };
    auto done = [batch, self = shared_from_this()] {
      for (const auto& job : batch->jobs) {
        job->done = true;
        if (job->waiter) asio::post(self->ctx.executor(), std::move(job->waiter));
      }
      self->start_next();
    };
    ctx.run_off_loop(std::move(work), Handler<void()>(std::move(done)));
  }
};

CommitQueue::CommitQueue(Context& ctx, std::shared_ptr<Database> db)
    : state_(std::make_shared<State>(ctx, std::move(db))) {}

Task<> CommitQueue::submit(std::function<void(Database&)> work, bool only_reads) {
  if (!state_->db) throw Refused(503, "Service node is not ready: shutting down\n");
  if (state_->waiting.jobs.size() >= max_waiting) throw Refused(503, "Server busy, try again later");
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  job->only_reads = only_reads;
  state_->waiting.jobs.push_back(job);
  if (!state_->running) state_->start_next();
  if (!job->done) {
    auto begin = [job](auto handler) {
      Handler<void()>(std::move(handler)).swap(job->waiter);  // Boost 1.81: move assignment recurses for ever
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(begin), asio::use_awaitable);
  }
  if (job->failure) std::rethrow_exception(job->failure);
}

Task<> CommitQueue::close() {
  std::function<void(Database&)> nothing = [](Database&) {};
  co_await submit(std::move(nothing));
  state_->db.reset();
}

}  // namespace argot::node
