#pragma once
// The protocol cases that this plugin answers: padding, session_protocol, envelope, attachment_legacy,
// attachment_stream, profile_picture.
#include <argot/vector_case.h>

namespace argot::session {

std::optional<VectorResult> run_padding(const vectors::Object& inputs, const vectors::Object& expected);
std::optional<VectorResult> run_session_protocol(const vectors::Object& inputs, const vectors::Object& expected);
std::optional<VectorResult> run_envelope(const vectors::Object& inputs, const vectors::Object& expected);
std::optional<VectorResult> run_attachment_legacy(const vectors::Object& inputs, const vectors::Object& expected);
std::optional<VectorResult> run_attachment_stream(const vectors::Object& inputs, const vectors::Object& expected);
std::optional<VectorResult> run_profile_picture(const vectors::Object& inputs, const vectors::Object& expected);

}  // namespace argot::session
