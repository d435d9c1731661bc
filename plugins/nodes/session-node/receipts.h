#pragma once
// What a node signs of its replies (storage_node.md section 7, "Node reply signatures"). Lists of hashes must be
// sorted by the caller where the section says sorted.
#include <argot/identity.h>

#include <map>
#include <string>
#include <vector>

#include "calls.h"

namespace argot::node::receipt {

using Hashes = std::vector<std::string>;

std::string store(const std::string& hash);
std::string remove(const AccountId& account, const Hashes& requested, const Hashes& deleted);
/// delete_all (timestamp), delete_before (before), expire_all (expiry).
std::string all(const AccountId& account, std::int64_t time, const Hashes& affected);
std::string expire(const AccountId& account, const std::vector<std::int64_t>& applied, const Hashes& requested,
                   const Hashes& updated, const std::map<std::string, std::int64_t>& unchanged);
std::string revoke(const AccountId& account, std::int64_t timestamp, const std::vector<Token>& tokens);

}  // namespace argot::node::receipt
