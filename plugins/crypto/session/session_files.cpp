#include "session_files.h"

#include <algorithm>

#include "file_formats.h"

namespace argot::session {
namespace {

void check_size(std::uint64_t size) {
  if (size == 0)
    throw Error(Code::invalid_argument, "An empty file cannot be sent.", "Choose one that has something in it.");
  if (size > max_plain_file)
    throw Error(Code::invalid_argument,
                "A file of " + std::to_string(size) + " bytes is larger than the 10,000,000 that can be sent.",
                "Send a smaller one, or several.");
}

}  // namespace

void SessionFiles::start(Context& ctx, Format format) {
  ctx_ = &ctx;
  format_ = format;
}

Secret SessionFiles::random(std::size_t size) {
  Secret out(size);
  ctx_->random(out.span());
  return out;
}

std::unique_ptr<FileSealer> SessionFiles::seal(FilePurpose purpose, std::uint64_t size) {
  check_size(size);
  if (format_ == Format::stream) {
    // Keys that follow from the file would tell the server that somebody sends the same one again; nobody who reads
    // can tell the difference.
    stream::Keys keys;
    ctx_->random(keys.nonce);
    keys.key = random(stream::key_size);
    return stream::seal(purpose, size, std::move(keys));
  }
  Fixed<16> iv;
  ctx_->random(iv);
  if (purpose == FilePurpose::picture)
    return picture::seal(size, random(picture::key_size).view(), ByteView(iv).first(picture::iv_size));
  return legacy::seal(size, random(legacy::key_size).view(), iv);
}

std::uint64_t SessionFiles::sealed_size(FilePurpose purpose, std::uint64_t size) const {
  check_size(size);
  if (format_ == Format::stream) return stream::sealed_size(size);
  return purpose == FilePurpose::picture ? picture::sealed_size(size) : legacy::sealed_size(size);
}

bool SessionFiles::claims(const FileKey& key) const {
  if (key.stream) return key.key.size() == stream::key_size;
  if (key.purpose == FilePurpose::picture) return key.key.size() == picture::key_size;
  return key.key.size() == legacy::key_size && key.digest.size() == 32 && key.size > 0;
}

std::unique_ptr<FileOpener> SessionFiles::open(const FileKey& key) {
  if (!claims(key))
    throw Error(Code::invalid_argument,
                "The key of a file is not one of the Session formats: its length, digest or "
                "size is missing or wrong.",
                "Ask for the file to be sent again.");
  if (key.stream) return stream::open(key);
  return key.purpose == FilePurpose::picture ? picture::open(key) : legacy::open(key);
}

}  // namespace argot::session
