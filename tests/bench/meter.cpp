#include "meter.h"

#include <chrono>
#include <cstdlib>
#include <new>
#include <utility>

#include <dlfcn.h>
#include <execinfo.h>
#include <sodium.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace argot::bench {
namespace {

// One program, one loop: what is measured runs on the main thread.
thread_local bool metering = false;
thread_local Part part_now = Part::rest;
std::uint64_t last = 0;
Meter::Ticks sums;

std::size_t large = 0;  // 0: not counting
std::size_t large_count = 0;
bool show_sites = false;

std::uint64_t ticks() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return std::uint64_t(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

void switch_to(Part part) {
  const std::uint64_t now = ticks();
  sums.of[std::size_t(part_now)] += now - last;
  last = now;
  part_now = part;
}

void* allocate(std::size_t size) {
  if (large && size >= large && part_now != Part::stub) [[unlikely]] {
    ++large_count;
    if (show_sites) {
      const std::size_t kept = std::exchange(large, 0);
      void* frames[12];
      ::backtrace_symbols_fd(frames, ::backtrace(frames, 12), 2);
      ::backtrace_symbols_fd(frames, 0, 2);
      large = kept;
    }
  }
  return std::malloc(size);
}

}  // namespace

double Meter::Ticks::total() const {
  double out = 0;
  for (auto t : of) out += double(t);
  return out;
}

void Meter::start() {
  sums = {};
  part_now = Part::rest;
  metering = true;
  last = ticks();
}

Meter::Ticks Meter::stop() {
  switch_to(Part::rest);
  metering = false;
  return sums;
}

bool Meter::running() { return metering; }

double Meter::tick() {
  static const double length = [] {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t first = ticks();
    std::chrono::duration<double, std::nano> time{};
    while ((time = std::chrono::steady_clock::now() - start) < std::chrono::milliseconds(20)) continue;
    return time.count() / double(ticks() - first);
  }();
  return length;
}

Meter::Scope::Scope(Part part) : before_(part_now), on_(metering || large) {
  if (!on_) return;
  if (metering)
    switch_to(part);
  else
    part_now = part;
}
Meter::Scope::~Scope() {
  if (!on_) return;
  if (metering)
    switch_to(before_);
  else
    part_now = before_;
}

LargeAllocations::LargeAllocations(std::size_t size) {
  show_sites = std::getenv("ARGOT_BENCH_SITES") != nullptr;
  large_count = 0;
  large = size;
}
LargeAllocations::~LargeAllocations() { large = 0; }
std::size_t LargeAllocations::count() const { return large_count; }

}  // namespace argot::bench

// Exported, so that plugins and libraries call these too.
#define BENCH_EXPORT __attribute__((visibility("default")))

BENCH_EXPORT void* operator new(std::size_t size) {
  if (void* p = argot::bench::allocate(size ? size : 1)) return p;
  throw std::bad_alloc();
}
BENCH_EXPORT void* operator new[](std::size_t size) { return operator new(size); }
BENCH_EXPORT void operator delete(void* p) noexcept { std::free(p); }
BENCH_EXPORT void operator delete[](void* p) noexcept { std::free(p); }
BENCH_EXPORT void operator delete(void* p, std::size_t) noexcept { std::free(p); }
BENCH_EXPORT void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

// Cryptography outside the suite (signatures of a transport, hashes) counts as cryptography: these stand before
// libsodium's own for whoever calls them.
namespace {
template <class F> F* next(const char* name) { return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name)); }
}  // namespace

#define BENCH_METERED(name, parameters, arguments)                \
  extern "C" BENCH_EXPORT int name parameters {                   \
    static auto* const real = next<int parameters>(#name);        \
    argot::bench::Meter::Scope scope(argot::bench::Part::crypto); \
    return real arguments;                                        \
  }
using Bytes_ = unsigned char;
BENCH_METERED(crypto_sign_detached,
              (Bytes_ * sig, unsigned long long* n, const Bytes_* m, unsigned long long size, const Bytes_* key),
              (sig, n, m, size, key))
BENCH_METERED(crypto_sign_verify_detached,
              (const Bytes_* sig, const Bytes_* m, unsigned long long size, const Bytes_* key), (sig, m, size, key))
BENCH_METERED(crypto_sign_ed25519_pk_to_curve25519, (Bytes_ * out, const Bytes_* in), (out, in))
BENCH_METERED(crypto_generichash,
              (Bytes_ * out, std::size_t out_size, const Bytes_* in, unsigned long long size, const Bytes_* key,
               std::size_t key_size),
              (out, out_size, in, size, key, key_size))
