// What a file is, by its first bytes: a table of our own, because the decoders must be chosen before anything decodes.
#pragma once
#include <argot/bytes.h>

#include <string_view>

namespace argot::media {

/// How many first bytes are enough for sniff().
inline constexpr std::size_t sniff_length = 512;

/// The MIME type, or "" when the bytes say nothing. Looks at no more than sniff_length bytes. Text is "text/plain".
std::string_view sniff(ByteView first_bytes);

/// The usual ending of a file of this type, with its dot (".jpg"), or "".
std::string_view extension_of(std::string_view content_type);

}  // namespace argot::media
