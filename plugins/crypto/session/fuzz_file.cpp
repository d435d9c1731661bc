// Whatever a file server gives: opened, or refused with Error(unauthenticated or corrupt). The first byte says the
// format and whether the bytes are sealed first under the known key, as a sender who means harm would do.
#include <sodium.h>

#include <algorithm>
#include <cstdlib>

#include "file_formats.h"

namespace {

using namespace argot;
using namespace argot::session;

void require(bool good) {
  if (!good) std::abort();
}

/// In pieces whose sizes follow from the bytes themselves.
Bytes open(FileOpener& opener, ByteView sealed) {
  Bytes out;
  std::size_t all = 0;
  while (!sealed.empty()) {
    const std::size_t now = std::min<std::size_t>(sealed.size(), 1 + sealed[0]);
    all += now;
    opener.add(sealed.first(now), out);
    sealed = sealed.subspan(now);
    require(out.size() <= all);
  }
  opener.finish(out);
  return out;
}

/// 'S', nonce, and chunks that decrypt to these very bytes, whatever padding they have.
Bytes secretstream_of(ByteView plain, ByteView key) {
  Bytes out{stream::magic};
  out.resize(1 + stream::nonce_size, 7);
  crypto_secretstream_xchacha20poly1305_state state;
  crypto_secretstream_xchacha20poly1305_init_pull(&state, out.data() + 1, key.data());
  do {
    const ByteView now = plain.first(std::min(plain.size(), stream::chunk));
    plain = plain.subspan(now.size());
    const std::size_t from = out.size();
    out.resize(from + now.size() + stream::overhead);
    crypto_secretstream_xchacha20poly1305_push(&state, out.data() + from, nullptr, now.data(), now.size(), nullptr, 0,
                                               plain.empty() ? 3 : 0);
  } while (!plain.empty());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ByteView rest(data + 1, size - 1);
  const Bytes key32(32, 1), key64(64, 2), digest(32, 3), iv(16, 4);
  try {
    switch (data[0]) {
      case 'l': {  // nobody has the key
        open(*legacy::open(FileKey(FilePurpose::attachment, false, key64, digest, 5)), rest);
        require(false);
        break;
      }
      case 'L': {  // there and back
        const auto sealer = legacy::seal(rest.size(), key64, iv);
        Bytes sealed;
        sealer->add(rest, sealed);
        sealer->finish(sealed);
        require(sealed.size() == legacy::sealed_size(rest.size()));
        require(std::ranges::equal(open(*legacy::open(sealer->key()), sealed), rest));
        break;
      }
      case 's': open(*stream::open(FileKey(FilePurpose::attachment, true, key32, {}, 0)), rest); break;
      case 'S': {
        const Bytes sealed = secretstream_of(rest, key32);
        const Bytes plain = open(*stream::open(FileKey(FilePurpose::attachment, true, key32, {}, 0)), sealed);
        require(plain.size() < rest.size() && std::ranges::equal(plain, rest.last(plain.size())));
        break;
      }
      case 'T': {
        stream::Keys keys;
        keys.key = Secret(key32);
        const auto sealer = stream::seal(FilePurpose::attachment, rest.size(), std::move(keys));
        Bytes sealed;
        sealer->add(rest, sealed);
        sealer->finish(sealed);
        require(sealed.size() == stream::sealed_size(rest.size()));
        require(std::ranges::equal(open(*stream::open(sealer->key()), sealed), rest));
        break;
      }
      default: open(*picture::open(FileKey(FilePurpose::picture, false, key32, {}, 0)), rest); require(false);
    }
  } catch (const Error& error) {
    require(error.code() == Code::unauthenticated || error.code() == Code::corrupt);
  }
  return 0;
}
