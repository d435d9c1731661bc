#include "words.h"

#include "schema.h"

namespace argot::sqlite {
namespace {

constexpr std::size_t most_words = 32, most_bytes = 1024;

fts5_api* api_of(Database& db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db.handle(), "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  return api;
}

struct Question {
  std::string text;
  std::size_t words = 0;
};

int take_word(void* context, int, const char* word, int size, int, int) noexcept {
  auto& question = *static_cast<Question*>(context);
  if (size == 0) return SQLITE_OK;  // an accent that stands alone
  if (++question.words > most_words) return SQLITE_OK;
  try {
    if (!question.text.empty()) question.text += " AND ";
    // A word holds letters and digits only, so there is nothing to escape.
    question.text.append("\"").append(word, static_cast<std::size_t>(size)).append("\" *");
  } catch (...) {
    return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

}  // namespace

Words::Words(Database& db) : db_(db) {
  void* user = nullptr;
  fts5_api* api = api_of(db);
  if (!api || api->iVersion < 3 || api->xFindTokenizer_v2(api, "unicode61", &user, &kind_) != SQLITE_OK ||
      kind_->xCreate(user, const_cast<const char**>(tokenizer_arguments), std::size(tokenizer_arguments),
                     &tokenizer_) != SQLITE_OK)
    throw Error(Code::incompatible, "The SQLite that was loaded has no full-text search (FTS5).",
                "Use the libargot-sqlite.so that was built with this plugin.");
}

Words::~Words() {
  if (tokenizer_) kind_->xDelete(tokenizer_);
}

std::string Words::question(std::string_view match, std::int64_t conversation) {
  Question question;
  if (match.size() > most_bytes)
    throw Error(Code::invalid_argument,
                "A search may have at most 1,024 bytes; this one has " + std::to_string(match.size()) + ".",
                "Search for fewer words.");
  const int result = kind_->xTokenize(tokenizer_, &question, FTS5_TOKENIZE_QUERY, match.data(),
                                      static_cast<int>(match.size()), nullptr, 0, take_word);
  if (result != SQLITE_OK) db_.fail(result);
  if (question.words > most_words)
    throw Error(Code::invalid_argument,
                "A search may have at most 32 words; this one has " + std::to_string(question.words) + ".",
                "Search for fewer words.");
  if (question.words == 0) return {};
  std::string out = "text : (" + question.text + ")";
  if (conversation) out += " AND conversation : \"" + std::to_string(conversation) + "\"";
  return out;
}

}  // namespace argot::sqlite
