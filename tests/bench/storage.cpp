// The encrypted database against a plain one: the store's own benchmark, whose functions are used here.
#include "bench.h"

#undef ARGOT_BENCH
#define ARGOT_BENCH(name, function) [[maybe_unused]] static const auto keep_##function = &function;
#include <sqlite_bench.cpp>

namespace argot::bench {

Rows storage(const Effort& effort) {
  using sqlite::Contender;
  Scratch scratch;
  Secret key(32);
  Contender ours(sqlite::open_store(scratch.path() / "sealed", key)),
      plain(sqlite::open_plain_store(scratch.path() / "plain"));
  const int slices = effort.count(sqlite::slices, 1);
  Rows out;
  const auto compare = [&](const std::string& name, void (Contender::*run)(), int operations) {
    const auto seconds = kit::interleaved(effort.rounds, slices, {[&] { (ours.*run)(); }, [&] { (plain.*run)(); }});
    out.push_back({name, seconds[0] / (slices * operations) * 1e6, "us"});
    out.push_back(
        {"  speed, against the same database without a key", seconds[1] / seconds[0], "x", at_least(sqlite::goal)});
  };
  compare("insert a message, batches of 100, full-text index", &Contender::insert_batch, sqlite::batch);
  compare("read a page of 50", &Contender::read, sqlite::pages);
  compare("search, newest 50", &Contender::search, sqlite::searches);
  return out;
}

}  // namespace argot::bench
