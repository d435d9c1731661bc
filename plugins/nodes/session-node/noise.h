#pragma once
// The handshake between two nodes that know each other's X25519 keys: Noise_IK_25519_ChaChaPoly_BLAKE2b (the Noise
// Protocol Framework, revision 34). The one who connects proves its key in the first message, the other in the answer;
// both then have a key for each direction that nobody else has, even if a node's key is stolen later.
#include <argot/bytes.h>
#include <argot/error.h>
#include <argot/secret.h>

#include <optional>

namespace argot::node {

/// One direction: ChaCha20-Poly1305 with a counter. Wiped when destroyed.
class NoiseCipher {
 public:
  static constexpr std::size_t tag_size = 16;
  NoiseCipher() = default;
  explicit NoiseCipher(const Fixed<32>& key) : key_(key) {}
  NoiseCipher(const NoiseCipher&) = default;
  NoiseCipher& operator=(const NoiseCipher&) = default;
  ~NoiseCipher() { wipe(key_); }
  /// Writes plain.size() + 16 bytes to `out`, which may be where `plain` is.
  void seal(ByteView plain, Byte* out, ByteView data = {});
  /// Writes sealed.size() - 16 bytes to `out`, which may be where `sealed` is. False when it was not sealed so.
  bool open(ByteView sealed, Byte* out, ByteView data = {});

 private:
  Fixed<32> key_{};
  std::uint64_t counter_ = 0;
};

/// `first`: what this side sends with.
struct NoiseKeys {
  NoiseCipher send, receive;
};

class NoiseHandshake {
 public:
  static constexpr std::size_t first_size = 32 + 48 + 16, second_size = 32 + 16;

  /// Keys are borrowed until finish(). `peer`: the responder's key; the initiator knows it, the responder gives its
  /// own.
  NoiseHandshake(std::string_view prologue, ByteView own_secret, const Fixed<32>& own_public,
                 const Fixed<32>& responder_public, ByteView ephemeral_secret);

  // The one who connects:
  Bytes write_first();
  /// False when the answer is not that of the node we wanted.
  bool read_second(ByteView message);

  // The one who is connected to:
  /// The initiator's X25519 key; nothing when the message was not for this node.
  std::optional<Fixed<32>> read_first(ByteView message);
  Bytes write_second();

  /// After the second message.
  NoiseKeys finish(bool initiator);

 private:
  void mix_hash(ByteView data);
  bool mix_key(ByteView secret, ByteView public_key);
  Bytes seal_and_hash(ByteView plain);
  std::optional<Bytes> open_and_hash(ByteView sealed);

  ByteView own_secret_;
  Fixed<32> own_public_, responder_public_, ephemeral_public_, peer_ephemeral_{}, peer_public_{};
  Secret ephemeral_secret_;
  Fixed<64> chaining_key_{}, hash_{};
  NoiseCipher cipher_;
};

}  // namespace argot::node
