#pragma once
// Encryption of files: a plain file to the one that a file server keeps, and back, in pieces, so that memory does not
// grow with the file. What opens it travels in the message that points to it.
//
// Apart from Suite: a message is sealed for somebody, a file for whoever has its key; a suite can be exchanged without
// touching files and the other way round. Plugins may offer both (crypto/session does). A kernel may have several: the
// first one encrypts, and each opens what it knows.
#include <argot/bytes.h>
#include <argot/error.h>

#include <memory>

namespace argot {

enum class FilePurpose : std::uint8_t {
  attachment,
  picture  ///< of a profile; at most 10 MB, it is held in memory as a whole
};

/// What opens a file, and how: the parts of its pointer.
struct FileKey {
  FilePurpose purpose = FilePurpose::attachment;
  bool stream = false;     ///< FileUrl::stream
  Bytes key = {};          ///< secret
  Bytes digest = {};       ///< SHA-256 of the encrypted file, where the format has one
  std::uint64_t size = 0;  ///< of the plain file, as the pointer says; 0: it does not

  FileKey() = default;
  FileKey(FilePurpose p, bool s, Bytes k, Bytes d, std::uint64_t n)
      : purpose(p), stream(s), key(std::move(k)), digest(std::move(d)), size(n) {}
};

/// One file that is being encrypted. Not more than one call at a time; may be used off the loop.
class ARGOT_API FileSealer {
 public:
  virtual ~FileSealer();
  /// Takes the next bytes of the plain file, any number, and appends what is ready of the encrypted one to `out`.
  /// Throws Error(invalid_argument) when there are more than was announced: the file has changed meanwhile.
  virtual void add(ByteView plain, Bytes& out) = 0;
  /// Appends the rest. Throws Error(invalid_argument) when there were fewer bytes than announced.
  virtual void finish(Bytes& out) = 0;
  /// What opens it; whole after finish().
  virtual FileKey key() const = 0;
};

/// One file that is being decrypted. Not more than one call at a time; may be used off the loop.
/// Nothing of what add() gave may be shown or kept before finish() has returned: only then is it known to be genuine.
class ARGOT_API FileOpener {
 public:
  virtual ~FileOpener();
  /// Appends plain bytes to `out`, never more than the encrypted ones that came. Throws Error(unauthenticated): wrong
  /// key, or changed by somebody; Error(corrupt): not in this format.
  virtual void add(ByteView sealed, Bytes& out) = 0;
  /// Appends the rest. Throws as add(), also when something is missing.
  virtual void finish(Bytes& out) = 0;
};

class ARGOT_API FileCipher {
 public:
  static constexpr std::string_view interface_id = "file-cipher/1";
  static constexpr std::string_view kind = "crypto";
  virtual ~FileCipher();
  /// Under a new random key. `size`: of the plain file, bytes. Throws Error(invalid_argument): empty or too large.
  virtual std::unique_ptr<FileSealer> seal(FilePurpose purpose, std::uint64_t size) = 0;
  /// Of the encrypted file.
  virtual std::uint64_t sealed_size(FilePurpose purpose, std::uint64_t size) const = 0;
  /// Whether open() knows what such a key is for.
  virtual bool claims(const FileKey& key) const = 0;
  /// Throws Error(invalid_argument) when the key is none that it claims.
  virtual std::unique_ptr<FileOpener> open(const FileKey& key) = 0;
};

}  // namespace argot
