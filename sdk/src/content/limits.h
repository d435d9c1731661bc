#pragma once
#include <cstddef>

namespace argot {

/// No Content can be larger: a storage node takes no more for a whole envelope (client/envelope.md section 5).
inline constexpr std::size_t max_content_bytes = 76'800;
/// Of a text that is sent (section 7.1). What is received may be longer: other clients sell longer messages.
inline constexpr std::size_t max_sent_code_points = 2'000;
/// Of one message (section 8.7).
inline constexpr int max_attachments = 32;
/// Link previews that are read; more are dropped.
inline constexpr int max_previews = 8;
/// Bytes of one emoji, however it is composed: the longest sequences of Unicode 15 take 35.
inline constexpr std::size_t max_emoji_bytes = 64;

}  // namespace argot
