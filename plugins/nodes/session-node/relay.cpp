#include "relay.h"

#include <boost/json/array.hpp>

#include "arena.h"
#include "bencode.h"
#include "calls.h"
#include "forward.h"

namespace argot::node {
namespace {

namespace json = boost::json;

constexpr std::size_t max_batch = 256;

json::object failed(std::string_view how) {
  json::object entry;
  entry["failed"] = true;
  entry[how] = true;
  return entry;
}

json::object entry_of(const LinkAnswer& answer) {
  if (answer.status != 200) {
    // Texts of other nodes are shown as they are, but never more than a line of them.
    json::object entry{{"failed", true}, {"code", std::to_string(answer.status)}};
    std::string reason = answer.body.substr(0, 500);
    for (char& c : reason)
      if (c < ' ' || c > '~') c = '?';
    entry["reason"] = reason;
    return entry;
  }
  auto entry = decode_entry(answer.body);
  return entry ? std::move(*entry) : failed("bad_peer_response");
}

}  // namespace

Task<std::vector<json::object>> Relay::ask(ServiceNode peer, std::shared_ptr<const std::vector<std::string>> bodies) {
  const std::size_t count = bodies->size();
  const Endpoint endpoint = count == 1 ? Endpoint::storage_cc : Endpoint::storage_batch;
  std::string body = count == 1 ? bodies->front() : encode_storage_batch(*bodies);
  std::vector<json::object> out(count);
  try {
    LinkAnswer answer = co_await links_.ask(std::move(peer), endpoint, std::move(body), std::chrono::seconds(5));
    std::optional<std::vector<LinkAnswer>> answers;
    if (endpoint == Endpoint::storage_batch && answer.status == 200) {
      answers = decode_answers(answer.body, count);
      if (!answers) answer = {200, ""};  // no entry can be read from that
    }
    for (std::size_t i = 0; i < count; ++i) out[i] = entry_of(answers ? (*answers)[i] : answer);
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    ctx_.debug("A member of the swarm did not answer: " + error.sentence());
    for (json::object& entry : out) entry = failed("timeout");
  }
  co_return out;
}

std::string encode_storage_cc(std::string_view method, std::string_view params) {
  std::string out = "l";
  out.reserve(method.size() + params.size() + 16);
  bencode::put_text(out, method);
  bencode::put_text(out, params);
  return out += 'e';
}

std::pair<std::string, std::string> decode_storage_cc(std::string_view body) {
  Arena arena;
  const auto parts = bencode::decode(body, arena);
  const auto* list = parts ? parts->if_array() : nullptr;
  if (!list || list->size() != 2 || !(*list)[0].is_string() || !(*list)[1].is_string())
    throw Refused(400, "invalid request: expected a method and its parameters");
  return {std::string((*list)[0].get_string()), std::string((*list)[1].get_string())};
}

std::string encode_storage_batch(const std::vector<std::string>& bodies) {
  std::string out = "l";
  for (const std::string& body : bodies) bencode::put_text(out, body);
  return out += 'e';
}

std::vector<std::string> decode_storage_batch(std::string_view batch) {
  const auto parts = bencode::decode(batch);
  const auto* list = parts ? parts->if_array() : nullptr;
  std::vector<std::string> out;
  if (list && list->size() <= max_batch)
    for (const json::value& body : *list)
      if (body.is_string()) out.emplace_back(body.get_string());
  if (out.empty() || out.size() != list->size())
    throw Refused(400, "invalid request: expected a list of calls, at most " + std::to_string(max_batch));
  return out;
}

std::string encode_answers(const std::vector<LinkAnswer>& answers) {
  std::string out = "l";
  for (const LinkAnswer& answer : answers) {
    out += 'i' + std::to_string(answer.status) + 'e';
    bencode::put_text(out, answer.body);
  }
  return out += 'e';
}

std::optional<std::vector<LinkAnswer>> decode_answers(std::string_view text, std::size_t count) {
  Arena arena;
  const auto parts = bencode::decode(text, arena);
  const auto* list = parts ? parts->if_array() : nullptr;
  if (!list || list->size() != 2 * count) return std::nullopt;
  std::vector<LinkAnswer> out;
  for (std::size_t i = 0; i < count; ++i) {
    const json::value &status = (*list)[2 * i], &body = (*list)[2 * i + 1];
    if (!status.is_int64() || status.get_int64() < 0 || status.get_int64() > 999 || !body.is_string())
      return std::nullopt;
    out.push_back({static_cast<unsigned>(status.get_int64()), std::string(body.get_string())});
  }
  return out;
}

}  // namespace argot::node
