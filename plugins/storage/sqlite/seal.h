#pragma once
// The key of a store and the first bytes of its file.
//
// The file begins with 16 bytes that the cipher calls salt. With a raw key they have no use, so here they are made
// from the key: a wrong key is told from a damaged file before the database is touched. Bytes 16 to 23 are the
// only others that are in the open; they are always the same and are checked here too, since the cipher does
// not authenticate them.
#include <argot/secret.h>

#include <filesystem>

namespace argot::sqlite {

class Seal {
 public:
  /// Throws Error(invalid_argument) unless the key has 32 bytes.
  Seal(std::filesystem::path file, const Secret& key);
  /// Throws Error: unauthenticated when the file was not made with this key, corrupt when its beginning is damaged.
  /// An empty file is fine.
  void check() const;
  /// For sqlite3_key: "raw:", the key, the salt.
  ByteView sqlite_key() const { return text_.view(); }

 private:
  std::filesystem::path file_;
  Secret text_;
};

}  // namespace argot::sqlite
