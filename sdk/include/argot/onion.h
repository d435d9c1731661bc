#pragma once
// Onion requests: one request in layers of encryption, so that each node of a path knows only its neighbours. Clients
// wrap a request and open its reply; nodes and servers peel one layer and answer. Bytes in, bytes out: nothing here
// waits, connects or remembers. Link Argot::onion.
//
// Source: client/onion.md sections 3 to 6, network/onion_node.md sections 2 to 8.
#include <argot/bytes.h>
#include <argot/error.h>

#include <functional>
#include <variant>

namespace argot {
class Vectors;
}

namespace argot::onion {

inline constexpr std::size_t max_request = 10 * 1024 * 1024;  ///< bytes of a body that a node takes, all layers on
inline constexpr int max_hops = 15;                           ///< node-to-node transfers of one request

// --- encryption between a client and one node ---

enum class Cipher : std::uint8_t {
  aes_gcm,    ///< what is meant when a request names none
  xchacha20,  ///< what Argot's clients write
  aes_cbc     ///< old; not authenticated: whoever carries it may change it
};
/// "aes-gcm", "xchacha20", "aes-cbc", as written in requests.
ARGOT_API std::string_view name_of(Cipher cipher);
/// Takes the names and their aliases (gcm, xchacha20-poly1305, cbc).
ARGOT_API std::optional<Cipher> cipher_named(std::string_view name);

/// What a client and one node share for one layer and for its reply: made by the client from an ephemeral key pair, by
/// the node from its own. Wiped when destroyed.
class ARGOT_API Channel {
 public:
  /// All keys are X25519, 32 bytes each. Nothing when the other side's key is a low-order point.
  static std::optional<Channel> of_client(Cipher cipher, ByteView ephemeral_secret, ByteView ephemeral_public,
                                          ByteView node_public);
  static std::optional<Channel> of_node(Cipher cipher, ByteView node_secret, ByteView node_public,
                                        ByteView ephemeral_public);
  Channel(const Channel&) = default;
  Channel& operator=(const Channel&) = default;
  ~Channel();

  Cipher cipher() const { return cipher_; }
  /// Nonce, ciphertext, tag. The nonce is random.
  Bytes seal(ByteView plain) const;
  /// The same with a nonce that the caller chose and has never used with this channel (nonce_size() bytes).
  Bytes seal(ByteView plain, ByteView nonce) const;
  /// Nothing when it was not sealed so.
  std::optional<Bytes> open(ByteView sealed) const;
  std::size_t nonce_size() const;
  /// The symmetric key, 32 bytes: for protocol cases. Borrowed.
  ByteView key() const { return key_; }
  /// The same two ends with another key: old nodes answer aes-gcm whatever they were asked (onion.md section 6.3).
  Channel in_aes_gcm() const;

 private:
  Channel(Cipher cipher, ByteView shared, ByteView client_public, ByteView node_public);
  Cipher cipher_;
  Fixed<32> key_, shared_;
};

/// Where randomness comes from; empty: libsodium's generator.
using Random = std::function<void(std::span<Byte>)>;

// --- a client's request ---

/// A node that a layer is made for.
struct Hop {
  Fixed<32> ed25519{};  ///< how the hop before it knows it
  Fixed<32> x25519{};   ///< what it opens the layer with
};

/// A server outside the network, which the last hop sends the request to.
struct Server {
  std::string host;
  std::uint16_t port = 443;
  bool tls = true;
  std::string target = "/oxen/v4/lsrpc";
  Fixed<32> x25519{};
};

struct WrapOptions {
  Cipher cipher = Cipher::xchacha20;
  bool raw_reply = false;   ///< ask for a reply without base64: a quarter smaller (nodes only; servers always do so)
  bool json_reply = false;  ///< ask for the RPC's JSON as it is, not inside a JSON text (nodes only)
};

/// A request with all its layers, and what opens its reply.
struct Wrapped {
  std::string body;  ///< POST it to /onion_req/v2 of the first hop
  /// The destination's channel first, then those of the hops, from the last to the first: a hop that cannot read its
  /// layer answers under its own.
  std::vector<Channel> channels;
};

/// `path`: the hops from the guard on, at least one; `rpc`: {"method":..,"params":..}. For each layer, the
/// destination's first, 32 bytes of a secret key and then a nonce are drawn from `random`. Throws
/// Error(invalid_argument): a key that is no key, or a request that would be larger than max_request.
ARGOT_API Wrapped wrap(std::span<const Hop> path, const Hop& destination, std::string_view rpc,
                       WrapOptions options = {}, const Random& random = {});
/// `request`: what encode() makes of a ServerRequest.
ARGOT_API Wrapped wrap(std::span<const Hop> path, const Server& server, std::string_view request,
                       WrapOptions options = {}, const Random& random = {});

/// What a node answered.
struct NodeReply {
  unsigned status = 0;   ///< of the RPC: 200, 421 ...
  std::string body;      ///< JSON, or the text of an error
  std::size_t from = 0;  ///< index into Wrapped::channels of who wrote it: not 0 when a hop refused its layer
};
/// Opens the body of an answer with status 200, however it is packed (raw, base64, {"result": base64}).
/// Throws Error(corrupt): nobody of the path wrote that.
ARGOT_API NodeReply open_node_reply(const Wrapped& request, std::string_view http_body);

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request to a server behind the onion (version 4) and its answer.
struct ServerRequest {
  std::string method = "GET", endpoint = "/";  ///< the endpoint with its query
  Headers headers;
  std::optional<std::string> body;
};
struct ServerReply {
  unsigned code = 0;
  Headers headers;  ///< names in lower case
  std::string body;
  /// First header of this name (lower case); empty when absent.
  ARGOT_API std::string_view header(std::string_view name) const;
};
/// Throws Error(corrupt): nobody but the server could have written it, and this is not it.
ARGOT_API ServerReply open_server_reply(const Wrapped& request, std::string_view http_body);

ARGOT_API std::string encode(const ServerRequest& request);
ARGOT_API std::string encode(const ServerReply& reply);
/// These throw Error(corrupt) that says what is wrong.
ARGOT_API ServerRequest decode_server_request(ByteView plain);
ARGOT_API ServerReply decode_server_reply(ByteView plain);

// --- a node's or a server's part ---

/// A ciphertext with the JSON text that belongs to it: LE32 length, ciphertext, the rest is JSON.
struct Combined {
  ByteView ciphertext;
  std::string_view json;
};
/// Borrows from `bytes`. Nothing when the length does not fit; the JSON is not looked at.
ARGOT_API std::optional<Combined> split(ByteView bytes);
ARGOT_API Bytes join(ByteView ciphertext, std::string_view json);

/// A layer as it arrives: from a client, from another node, or (at a server) from the last hop.
struct Layer {
  ByteView ciphertext;  ///< borrowed from what was parsed
  Fixed<32> ephemeral_key{};
  Cipher cipher = Cipher::aes_gcm;
  int hop_no = 0;  ///< how many nodes it has come through
};
/// The body of POST /onion_req/v2, and what a server is sent. hop_no below 0 counts as 0.
/// Throws Error(corrupt) whose what() is the detail of "Error parsing onion request: <detail>".
ARGOT_API Layer parse_request(ByteView body);

/// What a layer says when it is open. ByteViews and string_views borrow from the plaintext.
struct ForMe {
  std::string_view rpc;
  bool json = false;  ///< the reply holds the RPC's JSON as it is
  bool base64 = true;
};
struct ForNode {
  Fixed<32> destination{};  ///< Ed25519 key
  ByteView ciphertext;
  Fixed<32> ephemeral_key{};
  Cipher cipher = Cipher::aes_gcm;
};
/// The body of the HTTP request is the whole plaintext.
struct ForServer {
  std::string host, protocol = "https", target;
  std::uint16_t port = 443;
};
using Step = std::variant<ForMe, ForNode, ForServer>;
/// Nothing: the answer is invalid_step, encrypted for the client, under an outer status of 200.
ARGOT_API std::optional<Step> parse_step(ByteView plaintext);
inline constexpr unsigned invalid_step_status = 400;
inline constexpr std::string_view invalid_step_text = "Invalid json";

/// Whether a node may send to this path of a server: /loki/ or /oxen/ at the beginning, /lsrpc at the end, no query.
ARGOT_API bool is_allowed_target(std::string_view target);

/// From node to node (sn.onion_request): a bencoded dictionary. `hop_no`: of the layer that `next` was in; one more is
/// written.
ARGOT_API std::string encode_transfer(const ForNode& next, int hop_no);
/// hop_no missing or below 1 counts as 1; the caller refuses more than max_hops. Throws Error(corrupt): the detail of
/// "Invalid internal onion request: <detail>".
ARGOT_API Layer parse_transfer(ByteView body);

/// The reply of the last node, encrypted for the client. `body`: JSON (`is_json`) or text.
ARGOT_API std::string encode_node_reply(const Channel& channel, const ForMe& how, unsigned status,
                                        std::string_view body, bool is_json);

// --- protocol cases ---

/// The cases that this codec answers for: onion_* and channel_encryption. A plugin that offers vectors/1 asks it.
ARGOT_API const Vectors& vectors();

}  // namespace argot::onion
