#pragma once
// Bencode as nodes speak it among themselves (transports.md section 2), to and from JSON values. Strings are
// byte strings; a dictionary's keys ascend, and a key out of order counts as absent.
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace argot::node::bencode {

/// true and false become 1 and 0. Throws std::invalid_argument for null and for fractions, which have no form.
std::string encode(const boost::json::value& value);

/// Appends a string.
void put_text(std::string& out, std::string_view text);

/// Nothing when it is malformed, deeper than 32 levels, or followed by other bytes.
std::optional<boost::json::value> decode(std::string_view text, boost::json::storage_ptr storage = {});

}  // namespace argot::node::bencode
