// 'S' || nonce || secretstream chunks of zeros, 0x01 and the file (client/attachments.md section 2).
#include <sodium.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "file_formats.h"

namespace argot::session::stream {
namespace {

using State = crypto_secretstream_xchacha20poly1305_state;
constexpr std::size_t sealed_chunk = chunk + overhead;
constexpr Byte last_tag = crypto_secretstream_xchacha20poly1305_TAG_FINAL;
static_assert(overhead == crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(nonce_size == crypto_secretstream_xchacha20poly1305_HEADERBYTES);

/// A state that is wiped.
struct Stream {
  State state{};
  Stream(ByteView nonce, ByteView key) {
    // The same for both directions; the one for writing would draw a nonce of its own.
    crypto_secretstream_xchacha20poly1305_init_pull(&state, nonce.data(), key.data());
  }
  Stream(const Stream&) = delete;
  ~Stream() { sodium_memzero(&state, sizeof state); }
};

class Sealer final : public FileSealer {
 public:
  Sealer(FilePurpose purpose, std::uint64_t size, Keys keys)
      : purpose_(purpose), size_(size), keys_(std::move(keys)), stream_(keys_.nonce, keys_.key.view()) {
    held_.reserve(chunk);
  }
  void add(ByteView plain, Bytes& out) override {
    check_room(came_, plain.size(), size_);
    came_ += plain.size();
    begin(out);
    take(plain, out);
  }
  void finish(Bytes& out) override {
    check_whole(came_, size_);
    begin(out);
    push(last_tag, out);
  }
  FileKey key() const override { return FileKey(purpose_, true, to_bytes(keys_.key.view()), {}, size_); }

 private:
  void begin(Bytes& out) {
    if (std::exchange(begun_, true)) return;
    out.push_back(magic);
    out.insert(out.end(), keys_.nonce.begin(), keys_.nonce.end());
    Bytes filling(static_cast<std::size_t>(padding(size_)));
    filling.back() = 1;
    take(filling, out);
  }
  /// A full chunk is written when more follows it: the last one is written by finish().
  void take(ByteView plain, Bytes& out) {
    while (!plain.empty()) {
      if (held_.size() == chunk) push(0, out);
      const std::size_t now = std::min(plain.size(), chunk - held_.size());
      held_.insert(held_.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(now));
      plain = plain.subspan(now);
    }
  }
  void push(Byte tag, Bytes& out) {
    const std::size_t from = out.size();
    out.resize(from + held_.size() + overhead);
    crypto_secretstream_xchacha20poly1305_push(&stream_.state, out.data() + from, nullptr, held_.data(), held_.size(),
                                               nullptr, 0, tag);
    held_.clear();
  }

  FilePurpose purpose_;
  std::uint64_t size_, came_ = 0;
  Keys keys_;
  Stream stream_;
  Bytes held_;
  bool begun_ = false;
};

class Opener final : public FileOpener {
 public:
  explicit Opener(const FileKey& key) : key_(key.key) {}
  void add(ByteView sealed, Bytes& out) override {
    // A chunk is opened when more follows it: finish() knows which is the last.
    while (!sealed.empty()) {
      const std::size_t full = stream_ ? sealed_chunk : 1 + nonce_size;
      if (stream_ && held_.size() == full) pull(false, out);
      const std::size_t now = std::min(sealed.size(), full - held_.size());
      held_.insert(held_.end(), sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(now));
      sealed = sealed.subspan(now);
      if (!stream_ && held_.size() == full) begin();
    }
  }
  void finish(Bytes& out) override {
    if (!stream_ || held_.size() < overhead) not_genuine();
    pull(true, out);
    if (!data_) not_padded();
  }

 private:
  [[noreturn]] static void not_padded() {
    throw Error(Code::corrupt, "The encrypted file is not padded as its format says.", "Ask for it to be sent again.");
  }
  void begin() {
    if (held_[0] != magic)
      throw Error(Code::corrupt, "The file is not in the format that its address names.",
                  "Ask for it to be sent again.");
    stream_.emplace(ByteView(held_).subspan(1), key_.view());
    held_.clear();
    held_.reserve(sealed_chunk);
  }
  void pull(bool last, Bytes& out) {
    plain_.resize(held_.size() - overhead);
    Byte tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&stream_->state, plain_.data(), nullptr, &tag, held_.data(),
                                                   held_.size(), nullptr, 0) != 0 ||
        tag != (last ? last_tag : 0))
      not_genuine();
    held_.clear();
    auto from = plain_.begin();
    if (!data_) {
      from = std::ranges::find_if(plain_, [](Byte b) { return b != 0; });
      if (from == plain_.end()) return;
      if (*from++ != 1) not_padded();
      data_ = true;
    }
    out.insert(out.end(), from, plain_.end());
  }

  Secret key_;
  std::optional<Stream> stream_;
  Bytes held_, plain_;
  bool data_ = false;  // the padding is over
};

}  // namespace

std::uint64_t padding(std::uint64_t size) {
  const std::uint64_t chunks = (size + chunk - 1) / chunk;
  const std::uint64_t least = size + 1 + nonce_size + 1 + chunks * overhead;
  const std::uint64_t step = std::bit_floor(std::max<std::uint64_t>(least, 131'072)) / 32;
  const std::uint64_t target = (least + step - 1) / step * step;
  const std::uint64_t more = target - least + 1;  // what is to be added, chunks of its own included
  std::uint64_t for_chunks = more >= sealed_chunk ? more / sealed_chunk * overhead : 0;
  if (more % sealed_chunk > chunks * chunk - size) for_chunks += overhead;
  return more - for_chunks;
}

std::uint64_t sealed_size(std::uint64_t size) {
  const std::uint64_t inside = padding(size) + size;
  return 1 + nonce_size + inside + (inside + chunk - 1) / chunk * overhead;
}

struct KeyMaker::State {
  crypto_generichash_blake2b_state hash;
};

KeyMaker::KeyMaker(ByteView seed32, FilePurpose purpose) : state_(std::make_unique<State>()) {
  const std::string_view domain = purpose == FilePurpose::picture ? "Session_Prof_Pic" : "SessionAttachmnt";
  crypto_generichash_blake2b_init_salt_personal(&state_->hash, seed32.data(), seed32.size(), nonce_size + key_size,
                                                nullptr, view(domain).data());
}
KeyMaker::~KeyMaker() { sodium_memzero(state_.get(), sizeof(State)); }
void KeyMaker::add(ByteView plain) { crypto_generichash_blake2b_update(&state_->hash, plain.data(), plain.size()); }
Keys KeyMaker::finish() {
  Secret both(nonce_size + key_size);
  crypto_generichash_blake2b_final(&state_->hash, both.data(), both.size());
  Keys out;
  std::copy_n(both.data(), nonce_size, out.nonce.begin());
  out.key = Secret(both.view().subspan(nonce_size));
  return out;
}

std::unique_ptr<FileSealer> seal(FilePurpose purpose, std::uint64_t size, Keys keys) {
  return std::make_unique<Sealer>(purpose, size, std::move(keys));
}
std::unique_ptr<FileOpener> open(const FileKey& key) { return std::make_unique<Opener>(key); }

}  // namespace argot::session::stream
