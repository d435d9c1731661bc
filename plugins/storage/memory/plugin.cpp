// storage/memory: what an account remembers, for as long as its world exists. For tests and simulations.
#include "storage.h"

namespace argot::memory {

ARGOT_PLUGIN(MemoryStorage, {.name = "memory",
                             .version = "1.0.0",
                             .summary = "Keeps an account in memory while its world exists: for tests and simulations"})

}  // namespace argot::memory
