#pragma once
// JSON as service nodes write it: compact, keys in byte order (storage_node.md section 2).
#include <boost/json/value.hpp>

#include <string>

namespace argot::node {

std::string to_json(const boost::json::value& value);

}  // namespace argot::node
