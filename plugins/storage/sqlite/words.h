#pragma once
// The words of a search, cut and folded exactly as the index cuts and folds text.
#include "database.h"

namespace argot::sqlite {

class Words {
 public:
  explicit Words(Database& db);
  ~Words();
  Words(const Words&) = delete;

  /// What FTS5 is asked: every word as a prefix, and the conversation's number if `conversation` is not 0.
  /// Empty when there is no word in the text. Throws Error(invalid_argument) for more than 32 words or 1,024 bytes.
  std::string question(std::string_view match, std::int64_t conversation);

 private:
  Database& db_;
  fts5_tokenizer_v2* kind_ = nullptr;
  Fts5Tokenizer* tokenizer_ = nullptr;
};

}  // namespace argot::sqlite
