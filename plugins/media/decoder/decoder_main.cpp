#include "decoder_main.h"

#include "confine.h"

#include <unistd.h>

#include <cstdlib>
#include <new>

namespace argot::media {
namespace {

/// Until the end of input, or nothing when that is longer than any request.
std::optional<Bytes> read_all() {
  constexpr std::size_t step = 1 << 18;
  Bytes out;
  for (;;) {
    const std::size_t before = out.size();
    if (before > max_input + step) return std::nullopt;
    out.resize(before + step);
    const ssize_t got = read(0, out.data() + before, step);
    out.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0) return std::nullopt;
    if (got == 0) return out;
  }
}

bool write_all(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(1, bytes.data(), bytes.size());
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

Answer refused(Status status, std::string reason) {
  Answer out;
  out.status = status;
  out.text = std::move(reason);
  return out;
}

Answer answer_to(Decode decode) {
  try {
    const auto bytes = read_all();
    auto request = bytes ? decode_request(*bytes) : std::nullopt;
    if (!request) return refused(Status::corrupt, "did not reach the decoder whole");
    return decode(std::move(*request));
  } catch (const Refusal& refusal) {
    return refused(refusal.status, refusal.reason);
  } catch (const std::bad_alloc&) {
    return refused(Status::too_large, "needs more memory than a decoder may have");
  } catch (const std::exception&) {
    return refused(Status::corrupt, "cannot be decoded");
  }
}

unsigned long number(const char* text) { return std::strtoul(text, nullptr, 10); }

}  // namespace

int decoder_main(int argc, char** argv, Decode decode) {
  if (argc != 4) return 2;
  if (!confine({number(argv[1]), number(argv[2]), number(argv[3])})) return 3;
  const bool written = write_all(encode(answer_to(decode)));
  _exit(written ? 0 : 4);  // no destructors: the less runs after a stranger's data, the better
}

}  // namespace argot::media
