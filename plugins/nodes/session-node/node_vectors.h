#pragma once
// The protocol cases that a service node answers (network.json): see node_vectors.cpp for the categories.
#include <argot/vectors.h>

namespace argot::node {

std::optional<VectorResult> run_vector(std::string_view category, const boost::json::object& inputs,
                                       const boost::json::object& expected);

}  // namespace argot::node
