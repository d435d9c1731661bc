#pragma once
// Calls made of calls: batch, sequence and ifelse (storage_node.md section 9).
#include <boost/json/object.hpp>

#include "calls.h"
#include "fields.h"

namespace argot::node {

/// A method that is no batch, sequence or ifelse.
bool is_plain_method(std::string_view name);

/// Parses every subrequest; one bad one refuses the whole.
Batch read_batch(const json::object& params, bool sequential);
IfElse read_ifelse(const json::object& params);

/// What a node says of itself; what conditions are measured against.
struct Facts {
  std::array<std::int64_t, 2> hf{19, 4};
  std::array<std::int64_t, 3> version{2, 8, 0};
  std::int64_t height = 0;  ///< of the chain; 0 without one
};

/// Throws Refused when none is given or one is of the wrong type.
Condition read_condition(const json::object& fields);
bool holds(const Condition& condition, const Facts& facts);

}  // namespace argot::node
