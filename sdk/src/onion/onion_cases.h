#pragma once
// Categories of protocol cases, one function each. Nothing: the shape of the inputs is not known.
#include <argot/vector_case.h>

namespace argot::onion::cases {

using Object = boost::json::object;
using Outcome = std::optional<VectorResult>;

// cipher_cases.cpp
Outcome onion_hop(const Object& inputs, const Object& expected);
Outcome channel_encryption(const Object& inputs, const Object& expected);

// onion_cases.cpp
Outcome onion_request(const Object& inputs, const Object& expected);
Outcome onion_outer(const Object& inputs, const Object& expected);
Outcome onion_inner_parse(const Object& inputs, const Object& expected);
Outcome onion_target(const Object& inputs, const Object& expected);
Outcome onion_chain(const Object& inputs, const Object& expected);

/// The public half of an X25519 key.
Fixed<32> public_of(ByteView secret);

}  // namespace argot::onion::cases
