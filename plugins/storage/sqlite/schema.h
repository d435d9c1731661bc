#pragma once
// The tables of a store, and where a message stands in the order of all messages.
//
// message.position is the table's key: messages with a greater (sent_at, id) have a greater position. So one
// conversation, all conversations and the search index (whose rowid it is too) can each be read newest first, or
// from any message on, straight from a B-tree. A position is the millisecond in the upper bits and a counter for
// messages of the same millisecond below. Times outside +-2^42 ms (before 1830, after 2109) count as the nearest
// one inside.
//
// Account ids (conversation, author) are kept once and meant by a number. The search index holds no text: one
// column for the message's words, one for the conversation's number, so that a search in one conversation is an
// intersection of two lists.
#include "migrations.h"

#include <algorithm>

namespace argot::sqlite {

/// The last one is what this build writes.
extern const Migrations migrations;

/// The positions of one moment.
struct Moment {
  std::int64_t first, last;  ///< both may be used
};

inline Moment moment(std::int64_t sent_at_ms) {
  constexpr std::int64_t end = std::int64_t{1} << 42;
  constexpr std::int64_t width = std::int64_t{1} << 20;
  // The outermost moments take the rest of the range: whoever sends such times cannot fill them.
  if (sent_at_ms >= end) return {end * width, INT64_MAX - 1};
  if (sent_at_ms < -end) return {INT64_MIN + 1, -end * width - 1};
  return {sent_at_ms * width, sent_at_ms * width + width - 1};
}

/// How the index cuts text into words: as unicode61, but with vowel signs inside words (Devanagari, Arabic, Hebrew)
/// and without the marks that only choose how an emoji is drawn. Part of the file's form: see schema.cpp.
inline constexpr const char* tokenizer_arguments[] = {"remove_diacritics", "2",          "categories",
                                                      "L* N* Co Mn Mc",    "separators", "\uFE0E\uFE0F"};

}  // namespace argot::sqlite
