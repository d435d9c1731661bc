// Profile pictures of old: IV || AES-256-GCM || tag (client/account.md section 6).
#include "file_evp.h"
#include "file_formats.h"

namespace argot::session::picture {
namespace {

constexpr std::size_t piece = 1 << 20;

class Sealer final : public FileSealer {
 public:
  Sealer(std::uint64_t size, ByteView key, ByteView iv)
      : key_(key), iv_(to_bytes(iv)), size_(size), cipher_(EVP_CIPHER_CTX_new()) {
    evp::require(cipher_ && EVP_EncryptInit_ex(cipher_.get(), EVP_aes_256_gcm(), nullptr, key.data(), iv.data()) == 1);
  }
  void add(ByteView plain, Bytes& out) override {
    check_room(came_, plain.size(), size_);
    came_ += plain.size();
    out.insert(out.end(), iv_.begin(), iv_.end());
    iv_.clear();
    const std::size_t from = out.size();
    out.resize(from + plain.size());
    for (std::size_t at = 0; at < plain.size(); at += piece) {
      int made = 0;
      const ByteView now = plain.subspan(at, std::min(piece, plain.size() - at));
      evp::require(EVP_EncryptUpdate(cipher_.get(), out.data() + from + at, &made, now.data(),
                                     static_cast<int>(now.size())) == 1);
    }
  }
  void finish(Bytes& out) override {
    check_whole(came_, size_);
    Byte tag[tag_size];
    int made = 0;
    evp::require(EVP_EncryptFinal_ex(cipher_.get(), tag, &made) == 1 &&
                 EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag) == 1);
    out.insert(out.end(), tag, tag + tag_size);
  }
  FileKey key() const override { return FileKey(FilePurpose::picture, false, to_bytes(key_.view()), {}, size_); }

 private:
  Secret key_;
  Bytes iv_;
  std::uint64_t size_, came_ = 0;
  evp::Cipher cipher_;
};

/// Small enough to be opened as a whole, and then nothing is given that is not genuine.
class Opener final : public FileOpener {
 public:
  explicit Opener(const FileKey& key) : key_(key.key) {}
  void add(ByteView sealed, Bytes&) override {
    if (sealed.size() > picture::sealed_size(max_plain_file) - held_.size())
      throw Error(Code::corrupt, "A profile picture is larger than 10 MB.", "It is not shown.");
    held_.insert(held_.end(), sealed.begin(), sealed.end());
  }
  void finish(Bytes& out) override {
    if (held_.size() < iv_size + tag_size) not_genuine();
    const evp::Cipher cipher(EVP_CIPHER_CTX_new());
    evp::require(cipher &&
                 EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), held_.data()) == 1);
    const ByteView sealed = ByteView(held_).subspan(iv_size, held_.size() - iv_size - tag_size);
    const std::size_t from = out.size();
    out.resize(from + sealed.size());
    for (std::size_t at = 0; at < sealed.size(); at += piece) {
      int made = 0;
      const ByteView now = sealed.subspan(at, std::min(piece, sealed.size() - at));
      evp::require(EVP_DecryptUpdate(cipher.get(), out.data() + from + at, &made, now.data(),
                                     static_cast<int>(now.size())) == 1);
    }
    Byte none[tag_size];
    int made = 0;
    if (EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, held_.data() + held_.size() - tag_size) !=
            1 ||
        EVP_DecryptFinal_ex(cipher.get(), none, &made) != 1) {
      wipe(std::span(out).subspan(from));
      out.resize(from);
      not_genuine();
    }
  }

 private:
  Secret key_;
  Bytes held_;
};

}  // namespace

std::uint64_t sealed_size(std::uint64_t size) { return iv_size + size + tag_size; }
std::unique_ptr<FileSealer> seal(std::uint64_t size, ByteView key32, ByteView iv12) {
  return std::make_unique<Sealer>(size, key32, iv12);
}
std::unique_ptr<FileOpener> open(const FileKey& key) { return std::make_unique<Opener>(key); }

}  // namespace argot::session::picture
