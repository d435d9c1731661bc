#pragma once
// libsodium draws from the simulation's seed while a SimWorld exists.
#include <kernel/world/sim.h>

namespace argot::kernel {

struct SimSodium {
  /// Throws Error(already_exists) when another world is installed.
  static void install(SimWorld& world);
  static void remove();
  /// For the host whose turn it is.
  static void draw(void* out, std::size_t size);
};

}  // namespace argot::kernel
