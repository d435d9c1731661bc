#include "bare_context.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <sodium.h>

#include <cstring>

namespace argot::kit {

BareWorld::~BareWorld() {
  while (!waits.empty()) {
    auto wait = std::move(waits.begin()->second);
    waits.erase(waits.begin());
  }
}

bool BareWorld::step() {
  loop.restart();
  if (loop.poll() > 0) return true;  // run() would wait for coroutines that only our clock can wake
  if (waits.empty()) return false;
  auto first = waits.begin();
  uptime = std::max(uptime, first->first);
  auto done = std::move(first->second);
  waits.erase(first);
  std::move (*done)(error_code{});
  return true;
}

void BareWorld::pass(Duration time) {
  const Duration until = uptime + time;
  do {
    loop.restart();
    while (loop.poll() > 0) loop.restart();
  } while (!waits.empty() && waits.begin()->first <= until && step());
  uptime = until;
}

BareContext::BareContext(BareWorld& world, std::uint64_t seed, std::string name)
    : world_(world), name_(std::move(name)), seed_(seed) {
  if (sodium_init() < 0) throw Error(Code::internal, "libsodium does not start.");
}

BareContext::~BareContext() = default;

void BareContext::wait_until(Duration at, Handler<void(error_code)> done) {
  auto slot = asio::get_associated_cancellation_slot(done);
  auto wait = world_.waits.emplace(at, std::make_shared<Handler<void(error_code)>>(std::move(done)));
  if (!slot.is_connected()) return;
  std::weak_ptr<Handler<void(error_code)>> weak = wait->second;
  // Coroutines may outlive the context: they end with the world.
  slot.assign([world = &world_, weak](asio::cancellation_type) {
    auto mine = weak.lock();
    if (!mine) return;
    for (auto i = world->waits.begin(); i != world->waits.end(); ++i) {
      if (i->second != mine) continue;
      world->waits.erase(i);
      asio::post(world->loop, [mine] { std::move (*mine)(error_code(asio::error::operation_aborted)); });
      return;
    }
  });
}

void BareContext::spawn(std::string what, Task<> task) {
  asio::co_spawn(world_.loop, std::move(task), [this, what](std::exception_ptr failure) {
    if (failure) lines.push_back(what + ": " + to_error(failure).sentence());
  });
}

void BareContext::run_off_loop(std::function<void()> work, Handler<void()> done) {
  work();
  asio::post(world_.loop, [done = std::make_shared<Handler<void()>>(std::move(done))] { std::move (*done)(); });
}

void BareContext::random(std::span<Byte> out) {
  Byte seed[randombytes_SEEDBYTES] = {};
  std::memcpy(seed, &seed_, sizeof seed_);
  std::memcpy(seed + sizeof seed_, &drawn_, sizeof drawn_);
  ++drawn_;
  randombytes_buf_deterministic(out.data(), out.size(), seed);
}

Slot& BareContext::slot(std::string_view interface_id) {
  auto at = provided.find(interface_id);
  if (at == provided.end())
    throw Error(Code::not_found, "No plugin provides " + std::string(interface_id) + " in this test.",
                "Fill in BareContext::provided.");
  return at->second;
}

std::vector<Slot*> BareContext::slots(std::string_view interface_id) {
  auto at = provided.find(interface_id);
  if (at == provided.end()) return {};
  return {&at->second};
}

void BareContext::log(LogLevel, std::string_view text) { lines.emplace_back(text); }

void BareContext::request_stop(int code) { lines.push_back("stop " + std::to_string(code)); }

}  // namespace argot::kit
