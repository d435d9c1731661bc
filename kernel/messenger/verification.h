#pragma once
// What two people compare to be sure that each has the other's account and nobody's in between.
#include <argot/identity.h>

namespace argot::kernel {

/// Twelve of 64 emoji (72 bits), separated by blanks; the same on both sides: BLAKE2b of both account IDs, the smaller
/// first. Each can be told in a word on the telephone.
std::string verification_of(const AccountId& one, const AccountId& other);

}  // namespace argot::kernel
