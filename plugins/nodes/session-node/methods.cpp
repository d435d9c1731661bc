#include "methods.h"

#include <boost/json/array.hpp>

#include "auth.h"
#include "namespaces.h"
#include "receipts.h"
#include "to_json.h"

namespace argot::node {
namespace {

json::array list(const std::vector<std::string>& hashes) { return json::array(hashes.begin(), hashes.end()); }

/// One namespace: a list. "all": an object with a list for each namespace that was hit.
json::value list(const Database::ByNamespace& found, NamespaceOrAll ns) {
  if (ns) return found.empty() ? json::array{} : list(found.begin()->second);
  json::object out;
  for (const auto& [each, hashes] : found) out.emplace(std::to_string(each), list(hashes));
  return out;
}

std::vector<std::string> flat(const Database::ByNamespace& found) {
  std::vector<std::string> out;
  for (const auto& [ns, hashes] : found) out.insert(out.end(), hashes.begin(), hashes.end());
  std::sort(out.begin(), out.end());
  return out;
}

struct Perform {
  Database& db;
  const NodeKeys& keys;
  std::int64_t now;

  json::object signed_entry(json::object entry, const std::string& receipt) const {
    entry["signature"] = to_base64(keys.sign(receipt));
    return entry;
  }

  json::object operator()(const Store& c) const {
    const std::string hash = keys::message_hash(c.auth.account, c.ns, c.data);
    const auto stored = db.store(c.auth.account, c.ns, hash, c.timestamp, c.expiry, c.data);
    json::object entry{{"hash", hash}, {"expiry", stored.expiry}};
    if (stored.kind != Database::Stored::fresh) entry["already"] = true;
    return signed_entry(std::move(entry), receipt::store(hash));
  }

  json::object operator()(const Delete& c) const {
    const auto deleted = db.remove(c.auth.account, c.messages);
    return signed_entry({{"deleted", list(deleted)}}, receipt::remove(c.auth.account, c.messages, deleted));
  }

  json::object operator()(const DeleteAll& c) const {
    const auto deleted = db.remove_all(c.auth.account, c.ns, INT64_MAX);
    return signed_entry({{"deleted", list(deleted, c.ns)}}, receipt::all(c.auth.account, c.timestamp, flat(deleted)));
  }

  json::object operator()(const DeleteBefore& c) const {
    const auto deleted = db.remove_all(c.auth.account, c.ns, c.before);
    return signed_entry({{"deleted", list(deleted, c.ns)}}, receipt::all(c.auth.account, c.before, flat(deleted)));
  }

  json::object operator()(const ExpireAll& c) const {
    const auto updated = db.shorten_all(c.auth.account, c.ns, c.expiry);
    return signed_entry({{"updated", list(updated, c.ns)}}, receipt::all(c.auth.account, c.expiry, flat(updated)));
  }

  json::object operator()(const Expire& c) const {
    const bool may_shorten = !c.auth.subaccount || (c.auth.subaccount->token[1] & right::remove) != 0;
    const std::int64_t cap = now + max_private_ttl_ms;
    std::map<std::string, std::int64_t> updated, unchanged;
    for (std::size_t i = 0; i < c.messages.size(); ++i) {
      const std::string& hash = c.messages[i];
      const std::int64_t wanted = std::min(c.expiries[c.expiries.size() == 1 ? 0 : i], cap);
      const auto known = db.expiry_of(c.auth.account, hash);
      if (!known || updated.contains(hash)) continue;
      const bool allowed = c.mode == Expire::Mode::shorten  ? wanted < *known
                           : c.mode == Expire::Mode::extend ? wanted > *known
                                                            : may_shorten || wanted > *known;
      if (!allowed) {
        unchanged[hash] = *known;
        continue;
      }
      db.set_expiry(c.auth.account, hash, wanted);
      unchanged.erase(hash);
      updated[hash] = wanted;
    }
    return expire_entry(c, cap, updated, unchanged);
  }

  json::object expire_entry(const Expire& c, std::int64_t cap, const std::map<std::string, std::int64_t>& updated,
                            std::map<std::string, std::int64_t> unchanged) const {
    const bool several = c.expiries.size() > 1;
    std::vector<std::string> hashes;
    std::vector<std::int64_t> applied;
    for (const auto& [hash, expiry] : updated) {
      hashes.push_back(hash);
      if (several) applied.push_back(expiry);
    }
    if (!several) applied.push_back(std::min(c.expiries[0], cap));
    json::object entry{{"updated", list(hashes)}};
    if (several)
      entry["expiry"] = json::array(applied.begin(), applied.end());
    else
      entry["expiry"] = applied[0];
    // Only who asked for a direction hears what stayed, and only that is signed.
    if (c.mode == Expire::Mode::set)
      unchanged.clear();
    else
      entry["unchanged"] = json::object(unchanged.begin(), unchanged.end());
    return signed_entry(std::move(entry), receipt::expire(c.auth.account, applied, c.messages, hashes, unchanged));
  }

  json::object operator()(const Revoke& c) const {
    json::object entry;
    if (c.undo)
      entry["count"] = db.unrevoke(c.auth.account, c.tokens);
    else
      db.revoke(c.auth.account, c.tokens, now);
    return signed_entry(std::move(entry), receipt::revoke(c.auth.account, c.timestamp, c.tokens));
  }

  template <class Other> json::object operator()(const Other&) const {
    throw Error(Code::internal, "A method that is not recursive was given to perform().");
  }
};

json::object expiries(const GetExpiries& c, Database& db) {
  json::object out;
  for (const std::string& hash : c.messages)
    if (const auto expiry = db.expiry_of(c.auth.account, hash)) out[hash] = *expiry;
  return out;
}

/// False when it is more than `most` bytes; it is not whole then.
bool put_messages(const Retrieve& c, Database& db, std::size_t most, LookUp& found) {
  std::string& out = found.messages;
  out = '[';
  const auto put = [&](const Database::Row& row) {
    out += out.size() == 1 ? R"({"data":")" : R"(,{"data":")";
    out += to_base64(row.data);
    out += R"(","expiration":)" + std::to_string(row.expiry) + R"(,"hash":)";
    append_json(out, row.hash);
    out += R"(,"timestamp":)" + std::to_string(row.timestamp) + '}';
    return out.size() <= most;
  };
  const bool more = db.retrieve(c.auth.account, c.ns, c.last_hash, retrieve_limits(c.max_count, c.max_size), put);
  out += ']';
  found.body["messages"] = nullptr;
  found.body["more"] = more;
  return out.size() <= most + 1;
}

}  // namespace

json::object perform(const Call& call, Database& db, const NodeKeys& keys, std::int64_t now_ms) {
  return std::visit(Perform{db, keys, now_ms}, call.params);
}

std::optional<LookUp> glance(const Call& call, Database& db) {
  constexpr std::size_t little = 64 * 1024, few = 100;
  LookUp found;
  if (const auto* c = std::get_if<GetExpiries>(&call.params)) {
    if (c->messages.size() > few) return std::nullopt;
    found.body["expiries"] = expiries(*c, db);
    return found;
  }
  if (!put_messages(std::get<Retrieve>(call.params), db, little, found)) return std::nullopt;
  return found;
}

LookUp look_up(const Call& call, Database& db) {
  LookUp found;
  if (const auto* c = std::get_if<GetExpiries>(&call.params))
    found.body["expiries"] = expiries(*c, db);
  else
    put_messages(std::get<Retrieve>(call.params), db, SIZE_MAX, found);
  return found;
}

json::object failed_entry(const Error& error) {
  json::object entry{{"failed", true}, {"query_failure", true}};
  // The error's own sentence names a path of this machine; strangers get to know the kind of failure.
  if (error.code() != Code::resource_exhausted)
    entry["reason"] = "database failure: " + std::string(name_of(error.code()));
  return entry;
}

}  // namespace argot::node
