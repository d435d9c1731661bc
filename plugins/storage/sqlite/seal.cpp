#include "seal.h"

#include "files.h"

#include <argot/error.h>

#include <sodium.h>

#include <algorithm>

namespace argot::sqlite {
namespace {

constexpr std::size_t key_size = 32, salt_size = 16, prefix_size = 4;
// Page size 4,096; write-ahead log; 64 bytes of every page for nonce and tag; and three constants of SQLite's format.
constexpr Fixed<8> open_header = {0x10, 0x00, 2, 2, 64, 64, 32, 32};

}  // namespace

Seal::Seal(std::filesystem::path file, const Secret& key) : file_(std::move(file)) {
  if (key.size() != key_size)
    throw Error(Code::invalid_argument,
                "The key of a store has 32 bytes; this one has " + std::to_string(key.size()) + ".",
                "Derive one with 32 bytes.");
  text_ = Secret(prefix_size + key_size + salt_size);
  std::copy_n("raw:", prefix_size, text_.data());
  std::copy_n(key.data(), key_size, text_.data() + prefix_size);
  constexpr std::string_view purpose = "argot storage/sqlite: the file's first bytes";
  crypto_generichash(text_.data() + prefix_size + key_size, salt_size, view(purpose).data(), purpose.size(), key.data(),
                     key.size());
}

void Seal::check() const {
  const Bytes found = first_bytes(file_, salt_size + open_header.size());
  if (found.empty()) return;
  const std::string name = "\"" + file_.string() + "\"";
  if (found.size() < salt_size + open_header.size())
    throw Error(Code::corrupt,
                "The store " + name + " is damaged: it ends after " + std::to_string(found.size()) + " bytes.",
                "Restore the account's folder from a backup, or restore the account from its phrase.");
  const ByteView salt = text_.view().subspan(prefix_size + key_size);
  if (!equal_secret(salt, ByteView(found).first(salt_size)))
    throw Error(Code::unauthenticated, "The key does not fit the store " + name + ".",
                "Check the passphrase; if it is right, the file's first bytes are damaged: restore it from a backup.");
  if (!std::equal(open_header.begin(), open_header.end(), found.begin() + salt_size))
    throw Error(Code::corrupt, "The store " + name + " is damaged: its header is not what was written.",
                "Restore the account's folder from a backup, or restore the account from its phrase.");
}

}  // namespace argot::sqlite
