#include "receipts.h"

namespace argot::node::receipt {
namespace {

void append(std::string& out, const Hashes& hashes) {
  for (const std::string& hash : hashes) out += hash;
}

}  // namespace

std::string store(const std::string& hash) { return hash; }

std::string remove(const AccountId& account, const Hashes& requested, const Hashes& deleted) {
  std::string out = account.text();
  append(out, requested);
  append(out, deleted);
  return out;
}

std::string all(const AccountId& account, std::int64_t time, const Hashes& affected) {
  std::string out = account.text() + std::to_string(time);
  append(out, affected);
  return out;
}

std::string expire(const AccountId& account, const std::vector<std::int64_t>& applied, const Hashes& requested,
                   const Hashes& updated, const std::map<std::string, std::int64_t>& unchanged) {
  std::string out = account.text();
  for (std::int64_t expiry : applied) out += std::to_string(expiry);
  append(out, requested);
  append(out, updated);
  for (const auto& [hash, expiry] : unchanged) out += hash + std::to_string(expiry);
  return out;
}

std::string revoke(const AccountId& account, std::int64_t timestamp, const std::vector<Token>& tokens) {
  std::string out = account.text() + std::to_string(timestamp);
  for (const Token& token : tokens) out += text_of(token);
  return out;
}

}  // namespace argot::node::receipt
