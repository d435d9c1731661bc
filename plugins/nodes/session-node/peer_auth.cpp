#include "peer_auth.h"

#include <argot/identity.h>

#include <charconv>

#include "calls.h"

namespace argot::node {
namespace {

constexpr std::string_view node_header = "X-Argot-Node", time_header = "X-Argot-Time",
                           signature_header = "X-Argot-Signature";
constexpr std::int64_t tolerance_ms = 70'000;

bool verify(std::string_view signature, const std::string& message, ByteView key) {
  const auto bytes = from_base64(signature);
  return bytes && keys::verify(*bytes, view(message), key);
}

}  // namespace

std::string request_bytes(ByteView receiver, std::string_view time_ms, std::string_view body) {
  std::string out = "argot swarm request ";
  out += text_of(receiver);
  out += time_ms;
  out += ':';
  return out += body;
}

std::string answer_bytes(std::string_view request_signature, unsigned status, std::string_view body) {
  std::string out = "argot swarm answer ";
  out += request_signature;
  out += ':' + std::to_string(status) + ':';
  return out += body;
}

http::Request sign_request(const NodeKeys& keys, ByteView receiver, std::int64_t now_ms, std::string body) {
  const std::string time = std::to_string(now_ms);
  http::Request request;
  request.method = "POST";
  request.target = peer_target;
  const auto signature = to_base64(keys.sign(request_bytes(receiver, time, body)));
  request.headers = {{std::string(node_header), keys.name()},
                     {std::string(time_header), time},
                     {std::string(signature_header), signature}};
  request.body = std::move(body);
  return request;
}

void verify_request(const http::Request& request, const NodeList& network, const NodeKeys& keys, std::int64_t now_ms) {
  const auto sender = fixed_from_hex<32>(request.header(node_header));
  const ServiceNode* node = sender ? network.find(*sender) : nullptr;
  if (!node || node->swarm == no_swarm) throw Refused(403, "not a known node");
  const std::string_view time = request.header(time_header);
  std::int64_t ms = 0;
  const auto [end, failure] = std::from_chars(time.begin(), time.end(), ms);
  if (failure != std::errc{} || end != time.end() || ms < now_ms - tolerance_ms || ms > now_ms + tolerance_ms)
    throw Refused(403, "time too far from current time");
  if (!verify(request.header(signature_header), request_bytes(keys.ed25519(), time, request.body), *sender))
    throw Refused(403, "signature verification failed");
}

void sign_answer(const NodeKeys& keys, const http::Request& request, http::Response& response) {
  const std::string message = answer_bytes(request.header(signature_header), response.status, response.body);
  response.headers.emplace_back(signature_header, to_base64(keys.sign(message)));
}

bool is_answer_authentic(const http::Request& request, const http::Response& response, ByteView peer) {
  return verify(response.header(signature_header),
                answer_bytes(request.header(signature_header), response.status, response.body), peer);
}

}  // namespace argot::node
