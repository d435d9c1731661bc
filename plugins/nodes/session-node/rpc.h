#pragma once
// The bytes of a request to a typed call (storage_node.md sections 4, 5 and 9). Pure: no clock, no state.
#include <boost/json/object.hpp>

#include <string_view>

#include "calls.h"
#include "fields.h"

namespace argot::node {

/// A call as clients send it: {"method": ..., "params": {...}}. Throws Refused with the texts clients match on.
Call parse_request(std::string_view body);

/// The parameters of one method. Throws Refused(400): unknown method, wrong field.
Call parse_call(std::string_view method, const json::object& params, Encoding encoding = Encoding::json);

/// A call that another node passes on: bencoded parameters; only recursive methods (section 10).
Call parse_forwarded(std::string_view method, std::string_view bencoded);

}  // namespace argot::node
