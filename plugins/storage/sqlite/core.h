#pragma once
// What an open store and its transaction share. The transaction keeps it alive, so whichever goes first is fine.
#include "accounts.h"
#include "lock_file.h"
#include "words.h"

namespace argot::sqlite {

struct Core {
  Core(LockFile l, std::unique_ptr<Database> d) : lock(std::move(l)), db(std::move(d)), accounts(*db), words(*db) {}

  LockFile lock;  ///< given up last
  std::unique_ptr<Database> db;
  Accounts accounts;
  Words words;
  bool in_transaction = false;
  std::int64_t next_id = 0;  ///< 0: not known
};

}  // namespace argot::sqlite
