// Whatever a client, a node or a server sends: read, or refused with Error(corrupt) or nothing. The first byte says
// which parser.
#include <argot/onion.h>

#include <algorithm>

namespace {

using namespace argot;

/// One hop and a destination with fixed keys; also what the destination would seal a reply with.
const onion::Wrapped& request() {
  static const onion::Wrapped made = [] {
    onion::Random random = [n = 0](std::span<Byte> out) mutable {
      for (Byte& b : out) b = static_cast<Byte>(++n * 7);
    };
    Fixed<32> key{};
    key[0] = 9;  // the base point: the public half of the secret 1
    const onion::Hop hop{key, key};
    return onion::wrap(std::span<const onion::Hop>(&hop, 1), hop, "{}", {}, random);
  }();
  return made;
}

void require(bool good) {
  if (!good) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  try {
    switch (data[0]) {
      case 'q': {
        const onion::Layer layer = onion::parse_request(rest);
        require(layer.hop_no >= 0 && layer.hop_no <= onion::max_hops + 1 && layer.ciphertext.size() < rest.size());
        break;
      }
      case 's':
        if (const auto step = onion::parse_step(rest))
          if (const auto* node = std::get_if<onion::ForNode>(&*step)) {
            const std::string wire = onion::encode_transfer(*node, 1);
            const onion::Layer layer = onion::parse_transfer(view(wire));
            require(layer.hop_no == 2 && layer.ephemeral_key == node->ephemeral_key &&
                    std::ranges::equal(layer.ciphertext, node->ciphertext));
          }
        break;
      case 't': {
        const onion::Layer layer = onion::parse_transfer(rest);
        require(layer.hop_no >= 1 && layer.hop_no <= onion::max_hops + 1);
        break;
      }
      case 'v': onion::encode(onion::decode_server_request(rest)); break;
      case 'w': {
        const std::string text = onion::encode(onion::decode_server_reply(rest));
        require(onion::encode(onion::decode_server_reply(view(text))) == text);
        break;
      }
      case 'n': {  // sealed by the destination: what a node that means harm can write
        const Bytes sealed = request().channels[0].seal(rest);
        const onion::NodeReply reply = onion::open_node_reply(request(), text_of(sealed));
        require(reply.from == 0 && reply.status >= 100 && reply.status < 1000);
        break;
      }
      case 'm': onion::open_server_reply(request(), text_of(request().channels[0].seal(rest))); break;
      default:  // what anybody on the way can write
        onion::open_node_reply(request(), text_of(rest));
        __builtin_trap();  // nobody has the keys
    }
  } catch (const Error& error) {
    require(error.code() == Code::corrupt);
  }
  return 0;
}
