#pragma once
// Envelopes that no loaded suite claims. The network hands each out once, so that what is not kept is lost to a suite
// that is loaded later. Anybody can put anything into a mailbox: what is kept is bounded, and the oldest gives way.
#include <argot/storage.h>
#include <argot/transport.h>

namespace argot::kernel::unclaimed {

inline constexpr std::size_t most = 256, most_bytes = 4 * 1024 * 1024;

/// Until the network would have forgotten it, too.
void keep(Transaction& tx, const Delivery& delivery);
/// The oldest first.
std::vector<Delivery> all(Transaction& tx);
void erase(Transaction& tx, const Delivery& delivery);
void clean(Transaction& tx, std::int64_t now_ms);

}  // namespace argot::kernel::unclaimed
