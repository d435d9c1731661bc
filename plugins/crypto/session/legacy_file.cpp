// IV || AES-256-CBC of the file and zeros || HMAC-SHA256 of both (client/attachments.md section 1).
#include <sodium.h>

#include <algorithm>
#include <cmath>

#include "file_evp.h"
#include "file_formats.h"

namespace argot::session::legacy {
namespace {

constexpr std::size_t block = 16, piece = 64 * 1024;
constexpr std::uint64_t smallest = 541;

/// The MAC and the digest of what is written, which differ in their ends: the digest is of the MAC too.
class Sums {
 public:
  explicit Sums(ByteView mac_key) : digest_(EVP_MD_CTX_new()) {
    const evp::MacMethod method(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    evp::require(method && digest_);
    mac_.reset(EVP_MAC_CTX_new(method.get()));
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    evp::require(mac_ && EVP_MAC_init(mac_.get(), mac_key.data(), mac_key.size(), parameters) == 1 &&
                 EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(ByteView bytes) {
    evp::require(EVP_MAC_update(mac_.get(), bytes.data(), bytes.size()) == 1 &&
                 EVP_DigestUpdate(digest_.get(), bytes.data(), bytes.size()) == 1);
  }
  Fixed<mac_size> mac() {
    Fixed<mac_size> out;
    std::size_t size = 0;
    evp::require(EVP_MAC_final(mac_.get(), out.data(), &size, out.size()) == 1 && size == out.size());
    return out;
  }
  Bytes digest(ByteView mac) {
    Bytes out(32);
    evp::require(EVP_DigestUpdate(digest_.get(), mac.data(), mac.size()) == 1 &&
                 EVP_DigestFinal_ex(digest_.get(), out.data(), nullptr) == 1);
    return out;
  }

 private:
  evp::Mac mac_;
  evp::Digest digest_;
};

class Sealer final : public FileSealer {
 public:
  Sealer(std::uint64_t size, ByteView key, ByteView iv)
      : key_(key), iv_(to_bytes(iv)), size_(size), sums_(key.subspan(32)), cipher_(EVP_CIPHER_CTX_new()) {
    evp::require(cipher_ && EVP_EncryptInit_ex(cipher_.get(), EVP_aes_256_cbc(), nullptr, key.data(), iv.data()) == 1);
  }
  void add(ByteView plain, Bytes& out) override {
    check_room(came_, plain.size(), size_);
    came_ += plain.size();
    encrypt(plain, out);
  }
  void finish(Bytes& out) override {
    check_whole(came_, size_);
    const Bytes zeros(piece);
    for (std::uint64_t left = padded_size(size_) - size_; left > 0;) {
      const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece));
      encrypt(ByteView(zeros).first(now), out);
      left -= now;
    }
    begin(out);
    const std::size_t from = out.size();
    out.resize(from + block);
    int made = 0;
    evp::require(EVP_EncryptFinal_ex(cipher_.get(), out.data() + from, &made) == 1);
    out.resize(from + static_cast<std::size_t>(made));
    sums_.add(ByteView(out).subspan(from));
    const Fixed<mac_size> mac = sums_.mac();
    out.insert(out.end(), mac.begin(), mac.end());
    digest_ = sums_.digest(mac);
  }
  FileKey key() const override {
    return FileKey(FilePurpose::attachment, false, to_bytes(key_.view()), digest_, size_);
  }

 private:
  void begin(Bytes& out) {
    if (iv_.empty()) return;
    out.insert(out.end(), iv_.begin(), iv_.end());
    sums_.add(iv_);
    iv_.clear();
  }
  void encrypt(ByteView plain, Bytes& out) {
    begin(out);
    const std::size_t from = out.size();
    out.resize(from + plain.size() + block);
    int made = 0;
    evp::require(
        EVP_EncryptUpdate(cipher_.get(), out.data() + from, &made, plain.data(), static_cast<int>(plain.size())) == 1);
    out.resize(from + static_cast<std::size_t>(made));
    sums_.add(ByteView(out).subspan(from));
  }

  Secret key_;
  Bytes iv_, digest_;
  std::uint64_t size_, came_ = 0;
  Sums sums_;
  evp::Cipher cipher_;
};

/// The MAC is at the end, so what is decrypted before is not known to be genuine; whoever asks knows (FileOpener).
/// Whether MAC, digest or filling is wrong is not told.
class Opener final : public FileOpener {
 public:
  explicit Opener(const FileKey& key)
      : key_(ByteView(key.key).first(32)),
        digest_(key.digest),
        left_(key.size),
        sums_(ByteView(key.key).subspan(32)),
        cipher_(EVP_CIPHER_CTX_new()) {
    evp::require(cipher_ != nullptr);
  }
  void add(ByteView sealed, Bytes& out) override {
    if (!begun_) {
      const std::size_t now = std::min(sealed.size(), iv_size - held_.size());
      hold(sealed.first(now));
      sealed = sealed.subspan(now);
      if (held_.size() < iv_size) return;
      evp::require(EVP_DecryptInit_ex(cipher_.get(), EVP_aes_256_cbc(), nullptr, key_.data(), held_.data()) == 1);
      sums_.add(held_);
      held_.clear();
      begun_ = true;
    }
    // The last 32 bytes so far may be the MAC.
    if (held_.size() + sealed.size() > mac_size) {
      const std::size_t ready = held_.size() + sealed.size() - mac_size, old = std::min(ready, held_.size());
      decrypt(ByteView(held_).first(old), out);
      held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(old));
      decrypt(sealed.first(ready - old), out);
      sealed = sealed.subspan(ready - old);
    }
    hold(sealed);
  }
  void finish(Bytes& out) override {
    if (!begun_ || held_.size() < mac_size) not_genuine();
    const Fixed<mac_size> mac = sums_.mac();
    const bool good = equal_secret(mac, held_) && equal_secret(sums_.digest(held_), digest_);
    Byte last[block * 2];
    int made = 0;
    const bool filled = EVP_DecryptFinal_ex(cipher_.get(), last, &made) == 1;
    if (!good || !filled) not_genuine();
    keep(ByteView(last, static_cast<std::size_t>(made)), out);
    sodium_memzero(last, sizeof last);
    if (left_ > 0)
      throw Error(Code::corrupt, "The file is " + std::to_string(left_) + " bytes shorter than its sender said.",
                  "Ask for it to be sent again.");
  }

 private:
  void hold(ByteView bytes) { held_.insert(held_.end(), bytes.begin(), bytes.end()); }
  void decrypt(ByteView sealed, Bytes& out) {
    sums_.add(sealed);
    Byte plain[piece + block];
    while (!sealed.empty()) {
      const ByteView now = sealed.first(std::min(sealed.size(), piece));
      int made = 0;
      evp::require(EVP_DecryptUpdate(cipher_.get(), plain, &made, now.data(), static_cast<int>(now.size())) == 1);
      keep(ByteView(plain, static_cast<std::size_t>(made)), out);
      sealed = sealed.subspan(now.size());
    }
    sodium_memzero(plain, sizeof plain);
  }
  /// What comes after the file's own bytes fills it up; it is not looked at.
  void keep(ByteView plain, Bytes& out) {
    const ByteView own = plain.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, plain.size())));
    out.insert(out.end(), own.begin(), own.end());
    left_ -= own.size();
  }

  Secret key_;
  Bytes digest_, held_;
  std::uint64_t left_;
  Sums sums_;
  evp::Cipher cipher_;
  bool begun_ = false;
};

}  // namespace

std::uint64_t padded_size(std::uint64_t size) {
  // In doubles, in this order: others compute it so, and a size of one's own would tell who encrypted.
  const double exponent = std::ceil(std::log(static_cast<double>(size)) / std::log(1.05));
  const auto bucket = static_cast<std::uint64_t>(std::floor(std::pow(1.05, exponent)));
  const std::uint64_t padded = std::max(smallest, bucket);
  return padded > max_plain_file && size <= max_plain_file ? max_plain_file : padded;
}

std::uint64_t sealed_size(std::uint64_t size) { return iv_size + (padded_size(size) / block + 1) * block + mac_size; }

std::unique_ptr<FileSealer> seal(std::uint64_t size, ByteView key64, ByteView iv16) {
  return std::make_unique<Sealer>(size, key64, iv16);
}

std::unique_ptr<FileOpener> open(const FileKey& key) { return std::make_unique<Opener>(key); }

}  // namespace argot::session::legacy
