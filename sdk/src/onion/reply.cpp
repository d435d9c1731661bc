// Replies: what the last node makes of an RPC's answer, and what a client makes of that.
#include "reply.h"

#include <boost/json.hpp>

namespace argot::onion {

namespace json = boost::json;

namespace {

// Other layers than the destination's only carry short refusals.
constexpr std::size_t max_refusal = 16 * 1024;

[[noreturn]] void corrupt(std::string what) { throw Error(Code::corrupt, std::move(what)); }

std::optional<OpenReply> open_packed(const Wrapped& request, ByteView sealed) {
  const std::size_t candidates = sealed.size() > max_refusal ? 1 : request.channels.size();
  for (std::size_t i = 0; i < std::min(candidates, request.channels.size()); ++i) {
    const Channel& channel = request.channels[i];
    // Without authentication anything opens: only the destination, who was asked, may answer so.
    if (channel.cipher() == Cipher::aes_cbc && i > 0) continue;
    if (auto plain = channel.open(sealed)) return OpenReply{std::move(*plain), i};
    if (channel.cipher() == Cipher::xchacha20)
      if (auto plain = channel.in_aes_gcm().open(sealed)) return OpenReply{std::move(*plain), i};
  }
  return std::nullopt;
}

/// {"result": "<base64>"}, as some old guards pack it.
std::optional<Bytes> unpack_result(std::string_view body) {
  if (!body.starts_with('{')) return std::nullopt;
  boost::system::error_code failure;
  const json::value value = json::parse(body, failure);
  const json::value* result = !failure && value.is_object() ? value.get_object().if_contains("result") : nullptr;
  if (!result || !result->is_string()) return std::nullopt;
  return from_base64(result->get_string());
}

}  // namespace

OpenReply open_reply(const Wrapped& request, std::string_view http_body) {
  if (http_body.size() > 2 * max_request) corrupt("The reply to an onion request is larger than 20 MiB.");
  // Raw bytes may look like anything; a text may end with a line break.
  std::string_view text = http_body;
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (const auto bytes = from_base64(text))
    if (auto opened = open_packed(request, *bytes)) return std::move(*opened);
  if (const auto bytes = unpack_result(text))
    if (auto opened = open_packed(request, *bytes)) return std::move(*opened);
  if (auto opened = open_packed(request, view(http_body))) return std::move(*opened);
  corrupt("The reply to an onion request was encrypted by nobody of its path.");
}

NodeReply open_node_reply(const Wrapped& request, std::string_view http_body) {
  const OpenReply opened = open_reply(request, http_body);
  boost::system::error_code failure;
  json::value value = json::parse(text_of(opened.plain), failure);
  if (failure || !value.is_object()) corrupt("The reply inside an onion is no JSON object.");
  json::object& object = value.get_object();
  const json::value* status = object.if_contains("status");
  if (!status) status = object.if_contains("status_code");
  if (!status || !status->is_int64() || status->get_int64() < 100 || status->get_int64() > 999)
    corrupt("The reply inside an onion has no status.");
  json::value* body = object.if_contains("body");
  if (!body) corrupt("The reply inside an onion has no body.");
  NodeReply out;
  out.status = static_cast<unsigned>(status->get_int64());
  out.from = opened.from;
  out.body = body->is_string() ? std::string(body->get_string()) : json::serialize(*body);
  return out;
}

std::string encode_node_reply(const Channel& channel, const ForMe& how, unsigned status, std::string_view body,
                              bool is_json) {
  std::string plain = "{\"body\":";
  plain.reserve(body.size() + body.size() / 8 + 32);
  if (how.json && is_json)
    plain += body;
  else
    plain += json::serialize(json::string_view(body.data(), body.size()));
  plain += ",\"status\":" + std::to_string(status) + "}";
  const Bytes sealed = channel.seal(view(plain));
  return how.base64 ? to_base64(sealed) : std::string(text_of(sealed));
}

}  // namespace argot::onion
