// What a stranger who knows the recipient's key can put into an envelope. The first byte chooses the layer at which
// the input takes over: the whole message, the box, what is inside the box, or the content under a good signature.
#include <argot/content.h>
#include <argot/error.h>
#include <sodium.h>

#include <algorithm>
#include <cstdlib>

#include "sealed.h"
#include "session_message.h"
#include "wrapping.h"

namespace {

using namespace argot;

Bytes wrapped(ByteView box) {
  const Fixed<64> pro_sig{};
  auto wrapper = session::wrap(box.size(), 1754971101000, pro_sig);
  std::ranges::copy(box, wrapper.bytes.begin() + static_cast<std::ptrdiff_t>(wrapper.box_at));
  return std::move(wrapper.bytes);
}

Bytes message_of(Byte layer, ByteView input, const Identity& sender, const Identity& recipient) {
  switch (layer % 4) {
    case 0: return to_bytes(input);
    case 1: return wrapped(input);
    case 2: {
      Bytes box(input.size() + crypto_box_SEALBYTES);
      crypto_box_seal(box.data(), input.data(), input.size(), recipient.x25519_public().data());
      return wrapped(box);
    }
    default: {
      Bytes box(session::box_overhead + input.size() + session::proof_size);
      std::ranges::copy(input, box.begin() + session::box_overhead);
      session::seal_in_place(box, sender, recipient.x25519_public(), Bytes(32, 7));
      return wrapped(box);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const auto sender = make_identity(Secret(Bytes(16, 1))), recipient = make_identity(Secret(Bytes(16, 2)));
  static session::KeyCache cache(4);
  const Bytes message = message_of(data[0], {data + 1, size - 1}, *sender, *recipient);
  try {
    const Opened opened = session::open_message(*recipient, message, cache);
    if (opened.sender != sender->id()) std::abort();  // nobody signs for somebody else
    (void)decode_content(opened.content);
  } catch (const Error& error) {
    if (error.code() != Code::corrupt && error.code() != Code::unauthenticated) std::abort();
  }
  return 0;
}
