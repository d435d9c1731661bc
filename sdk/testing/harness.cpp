#include "harness.h"

#include <algorithm>

#include <sodium.h>

namespace argot::kit {

Running::~Running() = default;
Harness::~Harness() = default;

std::string Usage::text() const {
  const auto many = [](std::size_t n, std::string_view one) {
    return std::to_string(n) + " " + std::string(one) + (n == 1 ? "" : "s");
  };
  return many(tasks, "coroutine") + ", " + many(waits, "timer") + ", " + many(jobs, "job") + " off the loop";
}

void Harness::pass(Duration time) {
  step_until([] { return false; }, time);
}

void Harness::run(std::size_t who, Task<> task, Duration limit) {
  auto running = begin(who, std::move(task));
  if (!step_until([&] { return running->done(); }, limit)) {
    running->cancel();  // it may refer to what the caller holds
    step_until([&] { return running->done(); }, std::chrono::minutes(1));
    throw Error(Code::timeout, "Nothing came of it within " + std::to_string(limit / std::chrono::seconds(1)) + " s.");
  }
  if (running->failure()) std::rethrow_exception(running->failure());
}

std::unique_ptr<Identity> person(std::size_t index) {
  return make_identity(Secret(noise("person " + std::to_string(index), 32)));
}

Bytes noise(std::string_view what, std::size_t size) {
  const Bytes seed = keys::blake2b(randombytes_SEEDBYTES, view(what));
  Bytes out(size);
  if (size) randombytes_buf_deterministic(out.data(), out.size(), seed.data());
  return out;
}

bool contains(ByteView whole, ByteView part) {
  return std::search(whole.begin(), whole.end(), part.begin(), part.end()) != whole.end() || part.empty();
}

}  // namespace argot::kit
