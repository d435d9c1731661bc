#include "signed_text.h"

#include <algorithm>

namespace argot::swarm::to_sign {
namespace {

/// Namespace 0 is the empty text, given or not.
std::string text(Where where) { return !where ? "all" : *where == 0 ? std::string() : std::to_string(*where); }

std::string joined(std::string out, const Hashes& hashes) {
  for (const std::string& hash : hashes) out += hash;
  return out;
}

}  // namespace

std::string store(std::int16_t ns, std::int64_t timestamp) { return "store" + text(ns) + std::to_string(timestamp); }
std::string retrieve(std::int16_t ns, std::int64_t timestamp) {
  return "retrieve" + text(ns) + std::to_string(timestamp);
}
std::string remove(const Hashes& hashes) { return joined("delete", hashes); }
std::string delete_all(Where where, std::int64_t timestamp) {
  return "delete_all" + text(where) + std::to_string(timestamp);
}
std::string delete_before(Where where, std::int64_t before) {
  return "delete_before" + text(where) + std::to_string(before);
}
std::string expire_all(Where where, std::int64_t expiry) { return "expire_all" + text(where) + std::to_string(expiry); }

std::string expire(std::string_view how, std::span<const std::int64_t> expiries, const Hashes& hashes) {
  std::string out = "expire" + std::string(how);
  for (std::int64_t expiry : expiries) out += std::to_string(expiry);
  return joined(std::move(out), hashes);
}

std::string get_expiries(std::int64_t timestamp, const Hashes& hashes) {
  return joined("get_expiries" + std::to_string(timestamp), hashes);
}

std::string revoke(std::string_view method, std::int64_t timestamp, const std::vector<Bytes>& tokens) {
  std::string out = std::string(method) + std::to_string(timestamp);
  for (const Bytes& token : tokens) out += text_of(token);
  return out;
}

std::string monitor(std::string_view account, std::int64_t seconds, bool with_data,
                    std::span<const std::int64_t> namespaces) {
  std::string out = "MONITOR" + std::string(account) + std::to_string(seconds) + (with_data ? "1" : "0");
  for (std::size_t i = 0; i < namespaces.size(); ++i) out += (i ? "," : "") + std::to_string(namespaces[i]);
  return out;
}

std::string delete_reply(std::string_view account, const Hashes& requested, Hashes deleted) {
  std::sort(deleted.begin(), deleted.end());
  return joined(joined(std::string(account), requested), deleted);
}

std::string expire_reply(std::string_view account, std::span<const std::int64_t> expiries, const Hashes& requested,
                         Hashes updated, const std::map<std::string, std::int64_t>& unchanged) {
  std::sort(updated.begin(), updated.end());
  std::string out(account);
  for (std::int64_t expiry : expiries) out += std::to_string(expiry);
  out = joined(joined(std::move(out), requested), updated);
  for (const auto& [hash, expiry] : unchanged) out += hash + std::to_string(expiry);
  return out;
}

}  // namespace argot::swarm::to_sign
