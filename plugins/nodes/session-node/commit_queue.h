#pragma once
// Group commit: what waits for the database shares one transaction, and one wait for the disk. What only reads goes
// together too, without a transaction, and waits for no disk.
#include <argot/context.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "database.h"

namespace argot::node {

class CommitQueue {
 public:
  /// Must own all it uses. May run again when another one spoiled the transaction, so it does nothing but to the
  /// database and to its result.
  using Work = std::function<void(Database&)>;

  CommitQueue(Context& ctx, std::shared_ptr<Database> db);

  /// Runs `work(Database&)` off the loop in the next transaction and returns its result once that is on the disk.
  /// Throws what `work` threw, or the Error of the transaction; nothing of `work` is kept then. Throws Refused(503)
  /// when 4,000 wait.
  template <class F> Task<std::invoke_result_t<F&, Database&>> run(F work) { return start(std::move(work), false); }
  /// The same for work that changes nothing.
  template <class F> Task<std::invoke_result_t<F&, Database&>> read(F work) { return start(std::move(work), true); }
  /// The database when nothing runs on it: for a look of some microseconds on the loop, which two changes of threads
  /// would cost more than. Borrowed until the next co_await. Otherwise null.
  Database* idle();
  /// Runs each of them in the next transaction, as if it were alone; for each, what it threw. Throws Refused(503).
  Task<std::vector<std::exception_ptr>> run_each(std::vector<Work> works, bool only_read = false);
  /// Returns when everything submitted before is done and the database is let go. Later work is refused.
  Task<> close();

 private:
  template <class F> Task<std::invoke_result_t<F&, Database&>> start(F work, bool only_read) {
    using R = std::invoke_result_t<F&, Database&>;
    auto result = std::make_shared<std::optional<R>>();
    std::vector<Work> works;
    works.emplace_back([result, work = std::move(work)](Database& db) { result->emplace(work(db)); });
    const auto failures = co_await run_each(std::move(works), only_read);
    if (failures[0]) std::rethrow_exception(failures[0]);
    co_return std::move(**result);
  }
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace argot::node
