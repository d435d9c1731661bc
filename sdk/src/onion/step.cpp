// What nodes and servers read: the framing of a layer, and what an open layer asks for.
#include <argot/onion.h>

#include <boost/json.hpp>

namespace argot::onion {

namespace json = boost::json;

namespace {

constexpr std::size_t max_json = 16 * 1024;  // what accompanies a ciphertext is a few hundred bytes
constexpr std::size_t length_bytes = 4;

[[noreturn]] void corrupt(std::string what) { throw Error(Code::corrupt, std::move(what)); }

json::object parse_json(std::string_view text) {
  if (text.size() > max_json) corrupt("the JSON is longer than 16 KiB");
  boost::system::error_code failure;
  json::value value = json::parse(text, failure);
  if (failure) corrupt("the JSON cannot be read (" + failure.message() + ")");
  if (!value.is_object()) corrupt("the JSON is no object");
  return std::move(value.get_object());
}

const json::string& text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_string()) corrupt("there is no text \"" + std::string(name) + "\"");
  return value->get_string();
}

Fixed<32> key_in(const json::object& object, std::string_view name) {
  const auto key = fixed_from_hex<32>(text_in(object, name));
  if (!key) corrupt("\"" + std::string(name) + "\" is not 64 hex digits");
  return *key;
}

bool flag_in(const json::object& object, std::string_view name, bool fallback) {
  const json::value* value = object.if_contains(name);
  if (!value) return fallback;
  if (!value->is_bool()) corrupt("\"" + std::string(name) + "\" is neither true nor false");
  return value->get_bool();
}

Cipher cipher_in(const json::object& object) {
  if (!object.contains("enc_type")) return Cipher::aes_gcm;
  const auto cipher = cipher_named(text_in(object, "enc_type"));
  if (!cipher) corrupt("\"enc_type\" names no cipher");
  return *cipher;
}

ForServer server_in(const json::object& object) {
  ForServer out;
  out.host = std::string(text_in(object, "host"));
  out.target = std::string(text_in(object, "target"));
  if (object.contains("protocol")) out.protocol = std::string(text_in(object, "protocol"));
  if (const json::value* port = object.if_contains("port")) {
    if (!port->is_int64() || port->get_int64() < 0 || port->get_int64() > 65535) corrupt("\"port\" is no port");
    out.port = static_cast<std::uint16_t>(port->get_int64());
  }
  return out;
}

}  // namespace

std::optional<Combined> split(ByteView bytes) {
  if (bytes.size() < length_bytes) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) size |= static_cast<std::size_t>(bytes[i]) << (8 * i);
  if (size > bytes.size() - length_bytes) return std::nullopt;
  return Combined{bytes.subspan(length_bytes, size), text_of(bytes.subspan(length_bytes + size))};
}

Bytes join(ByteView ciphertext, std::string_view json) {
  Bytes out;
  out.reserve(length_bytes + ciphertext.size() + json.size());
  for (std::size_t i = 0; i < length_bytes; ++i) out.push_back(static_cast<Byte>(ciphertext.size() >> (8 * i) & 255));
  out.insert(out.end(), ciphertext.begin(), ciphertext.end());
  out.insert(out.end(), json.begin(), json.end());
  return out;
}

Layer parse_request(ByteView body) {
  const auto parts = split(body);
  if (!parts) corrupt("the length does not fit the " + std::to_string(body.size()) + " bytes that there are");
  const json::object object = parse_json(parts->json);
  Layer out;
  out.ciphertext = parts->ciphertext;
  out.ephemeral_key = key_in(object, "ephemeral_key");
  out.cipher = cipher_in(object);
  if (const json::value* hop = object.if_contains("hop_no")) {
    if (!hop->is_int64() && !hop->is_uint64()) corrupt("\"hop_no\" is no whole number");
    // Anything larger is refused all the same.
    out.hop_no =
        hop->is_uint64() ? max_hops + 1 : static_cast<int>(std::clamp<std::int64_t>(hop->get_int64(), 0, max_hops + 1));
  }
  return out;
}

std::optional<Step> parse_step(ByteView plaintext) {
  const auto parts = split(plaintext);
  if (!parts) return std::nullopt;
  try {
    const json::object object = parse_json(parts->json);
    if (object.contains("headers"))
      return ForMe{text_of(parts->ciphertext), flag_in(object, "json", false), flag_in(object, "base64", true)};
    if (object.contains("host")) return server_in(object);
    return ForNode{key_in(object, "destination"), parts->ciphertext, key_in(object, "ephemeral_key"),
                   cipher_in(object)};
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_allowed_target(std::string_view target) {
  return (target.starts_with("/loki/") || target.starts_with("/oxen/")) && target.ends_with("/lsrpc") &&
         target.find_first_of("?\"\\") == std::string_view::npos &&
         std::all_of(target.begin(), target.end(), [](unsigned char c) { return c > 32 && c < 127; });
}

}  // namespace argot::onion
