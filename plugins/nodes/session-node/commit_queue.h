#pragma once
// Group commit: what waits for the database shares one transaction, and one wait for the disk.
#include <argot/context.h>

#include <functional>
#include <memory>
#include <optional>

#include "database.h"

namespace argot::node {

class CommitQueue {
 public:
  CommitQueue(Context& ctx, std::shared_ptr<Database> db);

  /// Runs `work(Database&)` off the loop in the next transaction and returns its result once that is on the disk.
  /// Throws what `work` threw, or the Error of the transaction; nothing of `work` is kept then. May run `work` again
  /// when another one spoiled the transaction. `work` must own all it uses. Throws Refused(503) when 4,000 wait.
  template <class F> Task<std::invoke_result_t<F&, Database&>> run(F work) { return start(std::move(work), false); }
  /// The same for work that changes nothing: it needs no transaction when no other work is there.
  template <class F> Task<std::invoke_result_t<F&, Database&>> read(F work) { return start(std::move(work), true); }
  Task<> submit(std::function<void(Database&)> work, bool only_reads = false);
  /// Returns when everything submitted before is done and the database is let go. Later work is refused.
  Task<> close();

 private:
  template <class F> Task<std::invoke_result_t<F&, Database&>> start(F work, bool only_reads) {
    using R = std::invoke_result_t<F&, Database&>;
    auto result = std::make_shared<std::optional<R>>();
    std::function<void(Database&)> job = [result, work = std::move(work)](Database& db) { result->emplace(work(db)); };
    co_await submit(std::move(job), only_reads);
    co_return std::move(**result);
  }
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace argot::node
