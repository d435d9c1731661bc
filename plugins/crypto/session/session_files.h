// The file formats of Session as a FileCipher: which one is for what.
#pragma once
#include <argot/context.h>
#include <argot/file_cipher.h>
#include <argot/secret.h>

namespace argot::session {

class SessionFiles final : public FileCipher {
 public:
  /// What is sent. Both are always read.
  enum class Format { legacy, stream };
  void start(Context& ctx, Format format);

  std::unique_ptr<FileSealer> seal(FilePurpose purpose, std::uint64_t size) override;
  std::uint64_t sealed_size(FilePurpose purpose, std::uint64_t size) const override;
  bool claims(const FileKey& key) const override;
  std::unique_ptr<FileOpener> open(const FileKey& key) override;

 private:
  Secret random(std::size_t size);

  Context* ctx_ = nullptr;
  Format format_ = Format::legacy;
};

}  // namespace argot::session
