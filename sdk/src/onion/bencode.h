// The little of bencoding that onions need: lists and dictionaries of byte strings and whole numbers, read strictly.
#pragma once
#include <argot/bytes.h>

#include <string>

namespace argot::onion {

/// Reads from the front of a text; every failure is Error(corrupt) with a few words.
class Bencode {
 public:
  explicit Bencode(std::string_view text) : rest_(text) {}
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool done() const { return rest_.empty(); }
  void expect(char c);
  /// Borrowed from the text. A length has no leading zeros and does not exceed what is left.
  std::string_view string();
  std::int64_t number();
  /// Passes over one value of any kind, at most `depth` deep.
  void skip(int depth = 8);

 private:
  std::string_view rest_;
};

void append_bencoded(std::string& out, std::string_view text);

}  // namespace argot::onion
