#include "commit_queue.h"

#include <deque>

namespace argot::node {
namespace {

constexpr std::size_t max_waiting = 4'000, max_together = 256;

/// What one caller waits for.
struct Job {
  std::vector<CommitQueue::Work> works;
  std::vector<std::exception_ptr> failures;  ///< one for each
  Handler<void()> waiter;
  bool done = false;
};
using JobPtr = std::shared_ptr<Job>;

/// A waiting coroutine holds its job and the job holds the coroutine: who ends without having run jobs parts them.
template <class List> struct PartsThem {
  List jobs;
  ~PartsThem() {
    for (const auto& job : jobs) Handler<void()>().swap(job->waiter);
  }
};
using Waiting = PartsThem<std::deque<JobPtr>>;
using Together = PartsThem<std::vector<JobPtr>>;

void run_alone(Database& db, const CommitQueue::Work& work, std::exception_ptr& failure, bool in_transaction) {
  try {
    if (in_transaction) db.begin();
    work(db);
    if (in_transaction) db.commit();
    failure = nullptr;
  } catch (...) {
    failure = std::current_exception();
    if (in_transaction) db.rollback();
  }
}

/// Each in a transaction of its own, or in none.
void run_one_by_one(Database& db, const std::vector<JobPtr>& jobs, bool in_transaction) {
  for (const auto& job : jobs)
    for (std::size_t i = 0; i < job->works.size(); ++i) run_alone(db, job->works[i], job->failures[i], in_transaction);
}

void run_together(Database& db, const std::vector<JobPtr>& jobs) {
  try {
    db.begin();
    for (const auto& job : jobs)
      for (const auto& work : job->works) work(db);
    db.commit();
  } catch (...) {
    // One failure takes the others with it (a full disk does): each for itself then, so that only the guilty fail. This
    // is rarer than a savepoint around each is dear.
    db.rollback();
    run_one_by_one(db, jobs, true);
  }
}

}  // namespace

struct CommitQueue::State : std::enable_shared_from_this<State> {
  State(Context& c, std::shared_ptr<Database> d) : ctx(c), db(std::move(d)) {}
  Context& ctx;
  std::shared_ptr<Database> db;
  Waiting reads, writes;
  std::size_t waiting = 0;  ///< works of both
  bool running = false, read_last = false;

  void add(const JobPtr& job, bool only_read) {
    waiting += job->works.size();
    (only_read ? reads : writes).jobs.push_back(job);
    if (!running) start_next();
  }

  /// The power went off while a batch was under way: nobody will run the others, who hold this.
  struct Rest {
    std::shared_ptr<State> state;
    bool ran = false;
    explicit Rest(std::shared_ptr<State> s) : state(std::move(s)) {}
    Rest(const Rest&) = delete;
    ~Rest() {
      if (ran) return;
      Waiting abandoned_reads{std::move(state->reads.jobs)}, abandoned_writes{std::move(state->writes.jobs)};
    }
  };

  /// Who reads does not wait for the disk with those who write; they take turns.
  void start_next() {
    running = !reads.jobs.empty() || !writes.jobs.empty();
    if (!running) return;
    const bool only_read = writes.jobs.empty() || (!reads.jobs.empty() && !read_last);
    read_last = only_read;
    Waiting& from = only_read ? reads : writes;
    auto batch = std::make_shared<Together>();
    for (std::size_t works = 0; !from.jobs.empty() && works < max_together;) {
      works += from.jobs.front()->works.size();
      waiting -= from.jobs.front()->works.size();
      batch->jobs.push_back(std::move(from.jobs.front()));
      from.jobs.pop_front();
    }
    auto work = [batch, only_read, keep = db, uptime = ctx.uptime()] {
      keep->set_uptime(uptime);
      if (only_read)
        run_one_by_one(*keep, batch->jobs, false);
      else
        run_together(*keep, batch->jobs);
    };
    auto done = [batch, rest = std::make_shared<Rest>(shared_from_this())] {
      State* self = rest->state.get();
      rest->ran = true;
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

Database* CommitQueue::idle() { return state_->running ? nullptr : state_->db.get(); }

Task<std::vector<std::exception_ptr>> CommitQueue::run_each(std::vector<Work> works, bool only_read) {
  const auto state = state_;
  if (!state->db) throw Refused(503, "Service node is not ready: shutting down\n");
  if (state->waiting >= max_waiting) throw Refused(503, "Server busy, try again later");
  auto job = std::make_shared<Job>();
  job->works = std::move(works);
  job->failures.resize(job->works.size());
  state->add(job, only_read);
  if (!job->done) {
    auto begin = [job](auto handler) {
      Handler<void()>(std::move(handler)).swap(job->waiter);  // Boost 1.81: move assignment recurses for ever
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(begin), asio::use_awaitable);
  }
  co_return std::move(job->failures);
}

Task<> CommitQueue::close() {
  // What cannot come into the tables now (a full disk) is in the journal, and there when the node starts again.
  std::vector<Work> last(1, [](Database& db) { db.settle(); });
  std::vector<Work> last_read(1, [](Database&) {});
  co_await run_each(std::move(last), false);
  co_await run_each(std::move(last_read), true);
  state_->db.reset();
}

}  // namespace argot::node
