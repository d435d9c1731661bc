#pragma once
// Which swarm keeps an account's mailboxes (network/swarm.md sections 1 to 3).
#include <argot/identity.h>

#include <optional>
#include <span>

namespace argot::swarms {

/// The id of a node that is in no swarm.
inline constexpr std::uint64_t none = ~0ull;

/// An account's place on the ring of 2^64. The network byte does not matter.
ARGOT_API std::uint64_t position(const AccountId& account);

/// The id nearest to a position; a tie goes to the smaller neighbour. `ids` ascend, without `none`. Nothing when there
/// are none.
ARGOT_API std::optional<std::uint64_t> nearest(std::span<const std::uint64_t> ids, std::uint64_t position);

}  // namespace argot::swarms
