// A client's request, from the innermost layer to the outermost, in one buffer that grows at both ends.
#include "sealing.h"

#include <argot/secret.h>

#include <sodium.h>
#include <boost/json.hpp>

namespace argot::onion {
namespace {

constexpr std::size_t length_bytes = 4, routing_bytes = 256;

class Builder {
 public:
  /// `lengths`: how often a length will be put in front.
  Builder(std::size_t layers, std::size_t lengths, std::size_t inner, const WrapOptions& options, const Random& random)
      : options_(options), random_(random), begin_(layers * nonce_size(options.cipher) + lengths * length_bytes) {
    wrapped_.body.reserve(begin_ + inner + layers * (routing_bytes + max_tail));
    wrapped_.body.resize(begin_);
    wrapped_.channels.reserve(layers);
  }

  void put(std::string_view text) { wrapped_.body += text; }

  /// LE32 length of what is there, what is there, `json`.
  void frame(std::string_view json) {
    const std::size_t size = wrapped_.body.size() - begin_;
    begin_ -= length_bytes;
    for (std::size_t i = 0; i < length_bytes; ++i) wrapped_.body[begin_ + i] = static_cast<char>(size >> (8 * i) & 255);
    wrapped_.body += json;
  }

  /// Seals what is there for a node; what accompanies the ciphertext: "ephemeral_key":"..","enc_type":"..".
  std::string seal_for(const Fixed<32>& x25519) {
    Fixed<32> secret, ephemeral;
    draw(random_, secret);
    crypto_scalarmult_curve25519_base(ephemeral.data(), secret.data());
    auto channel = Channel::of_client(options_.cipher, secret, ephemeral, x25519);
    wipe(secret);
    if (!channel)
      throw Error(Code::invalid_argument, "The X25519 key " + to_hex(x25519).substr(0, 8) + "… is no key.",
                  "The directory lists a node that cannot exist; leave it out.");
    Byte nonce[24];
    const std::size_t size = wrapped_.body.size() - begin_, n = channel->nonce_size();
    draw(random_, std::span<Byte>(nonce, n));
    wrapped_.body.resize(wrapped_.body.size() + max_tail);
    Byte* text = reinterpret_cast<Byte*>(wrapped_.body.data()) + begin_;
    const std::size_t sealed = seal_in_place(options_.cipher, channel->key(), ByteView(nonce, n), text, size);
    wrapped_.body.resize(begin_ + sealed);
    begin_ -= n;
    std::copy_n(nonce, n, wrapped_.body.begin() + static_cast<std::ptrdiff_t>(begin_));
    wrapped_.channels.push_back(std::move(*channel));
    std::string routing = "\"ephemeral_key\":\"" + to_hex(ephemeral) + "\"";
    if (options_.cipher != Cipher::aes_gcm)
      routing += ",\"enc_type\":\"" + std::string(name_of(options_.cipher)) + "\"";
    return routing;
  }

  Wrapped finish() {
    if (begin_ != 0) throw Error(Code::internal, "An onion was built with another number of layers than planned.");
    if (wrapped_.body.size() > max_request)
      throw Error(Code::invalid_argument,
                  "A request of " + std::to_string(wrapped_.body.size()) + " bytes is larger than the " +
                      std::to_string(max_request) + " that a node takes.",
                  "Send less at once.");
    return std::move(wrapped_);
  }

 private:
  const WrapOptions& options_;
  const Random& random_;
  std::size_t begin_;
  Wrapped wrapped_;
};

std::string to_node(const Hop& node, const std::string& routing) {
  return "{\"destination\":\"" + to_hex(node.ed25519) + "\"," + routing + "}";
}

/// The layers of the hops around what is sealed for the destination. `last`: what the last hop is told.
Wrapped wrap_path(Builder& builder, std::span<const Hop> path, std::string last) {
  for (std::size_t i = path.size(); i > 0; --i) {
    builder.frame(last);
    const std::string routing = builder.seal_for(path[i - 1].x25519);
    last = i > 1 ? to_node(path[i - 1], routing) : "{" + routing + "}";
  }
  builder.frame(last);
  return builder.finish();
}

void check(std::span<const Hop> path, std::size_t inner) {
  if (path.empty() || path.size() > max_hops)
    throw Error(Code::invalid_argument, "An onion has 1 to 15 hops, not " + std::to_string(path.size()) + ".");
  if (inner > max_request)
    throw Error(Code::invalid_argument,
                "A request of " + std::to_string(inner) + " bytes is larger than the " + std::to_string(max_request) +
                    " that a node takes.",
                "Send less at once.");
}

}  // namespace

Wrapped wrap(std::span<const Hop> path, const Hop& destination, std::string_view rpc, WrapOptions options,
             const Random& random) {
  check(path, rpc.size());
  Builder builder(path.size() + 1, path.size() + 2, rpc.size(), options, random);
  builder.put(rpc);
  std::string control = "{\"headers\":\"\"";
  if (options.json_reply) control += ",\"json\":true";
  if (options.raw_reply) control += ",\"base64\":false";
  builder.frame(control + "}");
  const std::string routing = builder.seal_for(destination.x25519);
  return wrap_path(builder, path, to_node(destination, routing));
}

Wrapped wrap(std::span<const Hop> path, const Server& server, std::string_view request, WrapOptions options,
             const Random& random) {
  check(path, request.size());
  if (!is_allowed_target(server.target))
    throw Error(Code::invalid_argument, "No node sends requests to the path " + server.target + " of a server.",
                "Use /oxen/v4/lsrpc.");
  Builder builder(path.size() + 1, path.size() + 1, request.size(), options, random);
  builder.put(request);
  const std::string routing = builder.seal_for(server.x25519);
  std::string last = "{\"host\":" + boost::json::serialize(server.host) + ",\"target\":\"" + server.target +
                     "\",\"method\":\"POST\",\"protocol\":\"" + (server.tls ? "https" : "http") +
                     "\",\"port\":" + std::to_string(server.port) + "," + routing + "}";
  return wrap_path(builder, path, std::move(last));
}

}  // namespace argot::onion
