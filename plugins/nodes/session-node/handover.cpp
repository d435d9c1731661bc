#include "handover.h"

#include <boost/json/array.hpp>

#include <limits>

#include "bencode.h"

namespace argot::node {
namespace {

namespace json = boost::json;

constexpr std::size_t max_data = 76'800, max_hash = 64;

std::optional<StoredMessage> read(const json::value& value, HandoverVersion version) {
  const auto* parts = value.if_array();
  const bool with_namespace = version == HandoverVersion::with_namespace;
  if (!parts || parts->size() != (with_namespace ? 6u : 5u)) return std::nullopt;
  const auto& p = *parts;
  if (!p[0].is_string() || p[0].get_string().size() != AccountId::size || !p[1].is_string() || !p[2].is_int64() ||
      !p[3].is_int64() || !p[4].is_string())
    return std::nullopt;
  StoredMessage out;
  Fixed<AccountId::size> account;
  std::copy_n(p[0].get_string().begin(), account.size(), account.begin());
  out.account = AccountId(account);
  out.hash = p[1].get_string();
  out.timestamp = p[2].get_int64();
  out.expiry = p[3].get_int64();
  out.data = to_bytes(view(p[4].get_string()));
  if (with_namespace) {
    if (!p[5].is_int64() || p[5].get_int64() < std::numeric_limits<std::int16_t>::min() ||
        p[5].get_int64() > std::numeric_limits<std::int16_t>::max())
      return std::nullopt;
    out.ns = static_cast<std::int16_t>(p[5].get_int64());
  }
  return out;
}

bool can_be_right(const StoredMessage& message, HandoverVersion version) {
  if (message.data.size() > max_data || message.hash.empty() || message.hash.size() > max_hash ||
      message.timestamp < 0 || message.expiry < 0)
    return false;
  return version == HandoverVersion::without_namespace ||
         message.hash == keys::message_hash(message.account, message.ns, message.data);
}

}  // namespace

std::size_t handover_cost(const StoredMessage& message) {
  return 1 + 2 + 36 + 30 + (4 + message.hash.size()) + (6 + message.data.size());
}

std::vector<std::string> encode_handover(const std::vector<StoredMessage>& messages, HandoverVersion version,
                                         std::size_t max_size) {
  const std::string start = {static_cast<char>(version), 'l'};
  std::vector<std::string> batches{start};
  std::size_t estimate = 2;
  for (const StoredMessage& message : messages) {
    const std::size_t cost = handover_cost(message);
    if (estimate + cost > max_size && batches.back().size() > start.size()) {
      batches.push_back(start);
      estimate = 3;
    }
    estimate += cost;
    std::string& out = batches.back();
    out += 'l';
    bencode::put_text(out, text_of(message.account.bytes()));
    bencode::put_text(out, message.hash);
    out += 'i' + std::to_string(message.timestamp) + "ei" + std::to_string(message.expiry) + 'e';
    bencode::put_text(out, text_of(message.data));
    if (version == HandoverVersion::with_namespace) out += 'i' + std::to_string(message.ns) + 'e';
    out += 'e';
  }
  for (std::string& batch : batches) batch += 'e';
  return batches;
}

std::optional<std::vector<StoredMessage>> decode_handover(std::string_view batch) {
  if (batch.empty()) return std::nullopt;
  const auto version = static_cast<HandoverVersion>(batch[0]);
  if (version != HandoverVersion::without_namespace && version != HandoverVersion::with_namespace) return std::nullopt;
  const auto list = bencode::decode(batch.substr(1));
  if (!list || !list->is_array()) return std::nullopt;
  std::vector<StoredMessage> out;
  for (const auto& each : list->get_array()) {
    auto message = read(each, version);
    if (!message) return std::nullopt;
    if (can_be_right(*message, version)) out.push_back(std::move(*message));
  }
  return out;
}

}  // namespace argot::node
