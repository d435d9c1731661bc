// Cases of how the chain forms swarms and what nodes hand over to each other.
#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>

#include "assignment.h"
#include "handover.h"
#include "rate_limit.h"
#include "registry.h"
#include "vector_groups.h"

namespace argot::node::cases {
namespace {

using boost::json::array;
using vectors::Expectation;

/// Any number of 64 bits: cases' numbers otherwise have at most 19 digits.
std::uint64_t big(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), out);
  if (failure != std::errc{} || end != text.end())
    throw Error(Code::invalid_argument, "The case's \"" + std::string(text) + "\" is no number.");
  return out;
}

array texts(const std::vector<std::uint64_t>& numbers) {
  array out;
  for (std::uint64_t number : numbers) out.push_back(boost::json::string(std::to_string(number)));
  return out;
}

std::vector<StoredMessage> messages_of(const Object& inputs) {
  std::vector<StoredMessage> out;
  for (const auto& value : inputs.at("messages").as_array()) {
    const Object& message = value.as_object();
    StoredMessage m;
    const auto account = fixed_from_hex<33>(vectors::text(message, "pubkey_hex"));
    if (!account) throw Error(Code::invalid_argument, "The case's pubkey_hex is not 33 bytes.");
    m.account = AccountId(*account);
    const Bytes hash = vectors::hex(message, "hash_hex");
    m.hash = text_of(hash);
    m.timestamp = message.at("timestamp").to_number<std::int64_t>();
    m.expiry = message.at("expiry").to_number<std::int64_t>();
    m.data = vectors::hex(message, "data_hex");
    out.push_back(std::move(m));
  }
  return out;
}

}  // namespace

Outcome swarm_assignment(const Object& inputs, const Object& expected_object) {
  SwarmMembers swarms;
  std::size_t members = 0, left = 0;
  for (const auto& [id, list] : inputs.at("swarms").as_object())
    for (const auto& member : list.as_array()) {
      swarms[big(id)].push_back(member.to_number<std::uint64_t>());
      ++members;
    }
  const SwarmMembers found = reassign_swarms(swarms, big(vectors::text(inputs, "seed")));
  for (const auto& [id, list] : found) left += list.size();
  if (left != members) return VectorResult{false, "members were lost"};
  Expectation expected(expected_object);
  if (expected.wants("throws")) {
    expected.note("throws");  // where the original throws, ours keeps the last swarm
    return expected.result();
  }
  Object result;
  for (const auto& [id, list] : found) result[std::to_string(id)] = array(list.begin(), list.end());
  const auto& wanted = expected_object.at("swarms").as_object();
  if (wanted.size() != result.size())
    return VectorResult{
        false, "expected " + std::to_string(wanted.size()) + " swarms, found " + std::to_string(result.size())};
  for (const auto& [id, list] : wanted) {
    const auto* ours = result.if_contains(id);
    if (!ours || *ours != list) return VectorResult{false, "swarm " + std::string(id) + " has other members"};
  }
  expected.note("swarms");
  return expected.result();
}

Outcome new_swarm_id(const Object& inputs, const Object& expected_object) {
  std::vector<std::uint64_t> ids;
  for (const auto& id : inputs.at("existing_swarm_ids").as_array()) ids.push_back(big(id.as_string()));
  Expectation expected(expected_object);
  expected.text("new_swarm_id", std::to_string(node::new_swarm_id(ids)));
  return expected.result();
}

Outcome new_swarm_id_long_run(const Object&, const Object& expected_object) {
  PortableRandom random(12345);
  std::vector<std::uint64_t> ids;
  for (int step = 0; step < 10'000; ++step) {
    const std::uint64_t n = random.next();
    if (n < 1ull << 62) {
      if (!ids.empty()) ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(n % ids.size()));
    } else {
      const std::uint64_t id = node::new_swarm_id(ids);
      ids.insert(std::lower_bound(ids.begin(), ids.end(), id), id);
    }
  }
  Expectation expected(expected_object);
  expected.number("size", ids.size());
  Object by_rank;
  if (const auto* ranks = expected_object.if_contains("ids_by_rank"))
    for (const auto& [rank, id] : ranks->as_object()) by_rank[rank] = std::to_string(ids.at(big(rank)));
  expected.value("ids_by_rank", by_rank);
  return expected.result();
}

Outcome swarm_excess(const Object& inputs, const Object& expected_object) {
  std::vector<std::uint64_t> sizes;
  for (const auto& size : inputs.at("swarm_sizes").as_array()) sizes.push_back(size.to_number<std::uint64_t>());
  const std::uint64_t excess = node::swarm_excess(sizes), threshold = excess_for_new_swarm(sizes.size());
  Expectation expected(expected_object);
  expected.number("excess", excess);
  expected.number("threshold", threshold);
  expected.value("creates_new_swarm", excess >= threshold);
  return expected.result();
}

Outcome swarm_count_by_growth(const Object& inputs, const Object& expected_object) {
  SwarmMembers swarms;
  const std::uint64_t nodes = vectors::number(inputs, "nodes_registered_without_losses");
  for (std::uint64_t i = 0; i < nodes; ++i) {
    swarms[no_swarm] = {i};
    swarms = reassign_swarms(std::move(swarms), i);
  }
  Expectation expected(expected_object);
  expected.number("swarms", swarms.size());
  return expected.result();
}

Outcome uniform_distribution_portable(const Object& inputs, const Object& expected_object) {
  PortableRandom random(big(vectors::text(inputs, "seed")));
  std::vector<std::uint64_t> found(vectors::number(inputs, "count"));
  const std::uint64_t n = big(vectors::text(inputs, "n"));
  for (std::uint64_t& each : found) each = random.uniform(n);
  Expectation expected(expected_object);
  expected.value("outputs", texts(found));
  return expected.result();
}

Outcome mt19937_64(const Object& inputs, const Object& expected_object) {
  PortableRandom random(big(vectors::text(inputs, "seed")));
  std::vector<std::uint64_t> found(expected_object.at("outputs").as_array().size());
  for (std::uint64_t& each : found) each = random.next();
  Expectation expected(expected_object);
  expected.value("outputs", texts(found));
  return expected.result();
}

Outcome shuffle_portable(const Object& inputs, const Object& expected_object) {
  PortableRandom random(big(vectors::text(inputs, "seed")));
  std::vector<std::int64_t> items;
  for (const auto& item : inputs.at("items").as_array()) items.push_back(item.to_number<std::int64_t>());
  shuffle(items, [&](std::uint64_t n) { return random.uniform(n); });
  Expectation expected(expected_object);
  expected.value("items", array(items.begin(), items.end()));
  return expected.result();
}

Outcome storage_test_pair(const Object& inputs, const Object& expected_object) {
  const auto found = node::storage_test_pair(vectors::number(inputs, "members_sorted_by_legacy_key"),
                                             vectors::text(inputs, "block_hash_hex_string"));
  Expectation expected(expected_object);
  expected.text("seed", std::to_string(found.seed));
  expected.number("tester_index", found.tester);
  expected.number("testee_index", found.testee);
  return expected.result();
}

Outcome handover_v1(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  if (inputs.contains("bytes_hex")) {
    const Bytes bytes = vectors::hex(inputs, "bytes_hex");
    const auto found = decode_handover(text_of(bytes));
    expected.number("accepted_messages", found ? found->size() : 0);
    return expected.result();
  }
  std::vector<StoredMessage> messages;
  if (inputs.at("messages").is_array()) {
    messages = messages_of(inputs);
  } else {  // told in words: the message of the case before, twice
    StoredMessage m;
    m.account = AccountId(*fixed_from_hex<33>("054368520005786b249bcd461d28f75e560ea794014eeb17fcf6003f37d876783e"));
    m.hash = std::string("hash\0\1\2\3", 8);
    m.timestamp = 12345678;
    m.expiry = 15801678;
    m.data = *from_hex("6461007461");
    messages = {m, m};
  }
  array batches;
  for (const std::string& batch : encode_handover(messages, HandoverVersion::without_namespace)) {
    batches.push_back(boost::json::string(to_hex(view(batch))));
    const auto back = decode_handover(batch);
    if (!back || back->size() != messages.size()) return VectorResult{false, "what was written is not read back"};
  }
  expected.value("batches_hex", batches);
  return expected.result();
}

Outcome contact_update(const Object& inputs, const Object& expected_object) {
  const auto node_of = [](const boost::json::value& value) {
    ServiceNode node;
    node.host = value.at(0).as_string();
    node.https_port = value.at(1).to_number<std::uint16_t>();
    node.omq_port = value.at(2).to_number<std::uint16_t>();
    return node;
  };
  const ServiceNode found = updated_contact(node_of(inputs.at("old")), node_of(inputs.at("incoming")));
  Expectation expected(expected_object);
  expected.value("result", array{boost::json::string(found.host), found.https_port, found.omq_port});
  return expected.result();
}

Outcome active_nodes_bin(const Object& inputs, const Object& expected_object) {
  ServiceNode node;
  const auto key = fixed_from_hex<32>(vectors::text(inputs, "ed25519_pub"));
  if (!key) throw Error(Code::invalid_argument, "The case's ed25519_pub is not 32 bytes.");
  node.ed25519 = *key;
  node.swarm = big(vectors::text(inputs, "swarm_id"));
  node.host = vectors::text(inputs, "ip");
  node.https_port = inputs.at("https_port").to_number<std::uint16_t>();
  node.omq_port = inputs.at("omq_quic_port").to_number<std::uint16_t>();
  std::array<std::int64_t, 3> version;
  for (std::size_t i = 0; i < 3; ++i) version[i] = inputs.at("version").at(i).to_number<std::int64_t>();
  const Bytes record = active_nodes(NodeList({node}), version);
  Expectation expected(expected_object);
  expected.hex("record_hex", record);
  expected.number("record_length", record.size());
  return expected.result();
}

}  // namespace argot::node::cases
