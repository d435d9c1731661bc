#include <kernel/world/sim_sodium.h>

#include <argot/error.h>

#include <sodium.h>

namespace argot::kernel {

namespace {

// The one global of the simulation, because libsodium's generator is one.
SimWorld* active = nullptr;

const char* name() { return "argot simulation"; }
std::uint32_t number() {
  std::uint32_t n;
  SimSodium::draw(&n, sizeof n);
  return n;
}
int close() { return 0; }

randombytes_implementation implementation = {name, number, nullptr, nullptr, SimSodium::draw, close};

}  // namespace

void SimSodium::install(SimWorld& world) {
  if (active)
    throw Error(Code::already_exists, "A simulated world exists already in this process.",
                "Destroy it before making the next: libsodium has one generator.");
  if (sodium_init() < 0) throw Error(Code::internal, "libsodium could not be initialised.");
  active = &world;
  randombytes_set_implementation(&implementation);
}

void SimSodium::remove() {
  active = nullptr;
  randombytes_set_implementation(&randombytes_sysrandom_implementation);
}

void SimSodium::draw(void* out, std::size_t size) {
  const std::span<Byte> bytes(static_cast<Byte*>(out), size);
  if (const SimLife* turn = active->loop_.current()) {
    SimHost& host = *active->hosts_[turn->index];
    host.stream(host.sodium_, "sodium").fill(bytes);
  } else {
    active->outside_.fill(bytes);
  }
}

}  // namespace argot::kernel
