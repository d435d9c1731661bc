#pragma once
// JSON as service nodes write it: compact, keys in byte order (storage_node.md section 2).
#include "service.h"

namespace argot::node {

std::string to_json(const json::value& value);
/// The whole body of a reply that is_json or no plain text.
std::string to_json(const Reply& reply);
/// A text in quotes, with what has to be escaped.
void append_json(std::string& out, std::string_view text);

}  // namespace argot::node
