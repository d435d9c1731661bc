#pragma once
// The categories of cases that the SDK answers, one file each. Nothing: the shape of the inputs is not known.
#include <argot/vector_case.h>

namespace argot::vectors {

std::optional<VectorResult> run_mnemonic(const Object& inputs, const Object& expected);
std::optional<VectorResult> run_keys(const Object& inputs, const Object& expected);
std::optional<VectorResult> run_xed25519(const Object& inputs, const Object& expected);
std::optional<VectorResult> run_message_hash(const Object& inputs, const Object& expected);
/// A proof of the paid service (client/envelope.md section 11): what it is attached to reads as if it were not there.
std::optional<VectorResult> run_pro(const Object& inputs, const Object& expected);
std::optional<VectorResult> run_protobuf(const Object& inputs, const Object& expected);
std::optional<VectorResult> run_display_name(const Object& inputs, const Object& expected);
std::optional<VectorResult> run_file_url(const Object& inputs, const Object& expected);

}  // namespace argot::vectors
