#pragma once
// What each method does to the database and what this node says of it (storage_node.md section 9). Pure given a
// clock value; runs off the loop, so it touches nothing but its arguments.
#include <boost/json/object.hpp>

#include "calls.h"
#include "database.h"
#include "keys.h"

namespace argot::node {

namespace json = boost::json;

/// A recursive method: this node's entry in the reply's "swarm", signed.
json::object perform(const Call& call, Database& db, const NodeKeys& keys, std::int64_t now_ms);

/// retrieve and get_expiries: the reply without "t" and "hf".
struct LookUp {
  json::object body;
  std::string messages;  ///< a retrieve's, as JSON: they go from the database into the answer without a detour
};
LookUp look_up(const Call& call, Database& db);
/// The same unless it is more than a little: nothing then.
std::optional<LookUp> glance(const Call& call, Database& db);

/// The entry of a node whose database refused (section 9, store: a full one gives no reason).
json::object failed_entry(const Error& error);

}  // namespace argot::node
