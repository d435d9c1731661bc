#pragma once
// Everything one store holds, into another: for exchanging the storage under a running account.
#include <argot/storage.h>

namespace argot::kernel {

/// One transaction on the target, whose earlier content goes. Message ids are kept. Throws what the stores throw; then
/// the target is as it was.
void copy_store(Store& from, Store& to);

}  // namespace argot::kernel
