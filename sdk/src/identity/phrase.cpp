#include <argot/error.h>
#include <argot/identity.h>

#include <cctype>

#include "phrase_words.h"
#include "words.h"

namespace argot::phrase {
namespace {

constexpr std::size_t longest_phrase = 1024;  // 25 words of 12 letters, and generous white space

bool is_space(char c) { return std::string_view(" \t\r\n\v\f").find(c) != std::string_view::npos; }

/// The words of a text, in lower case. Views into `storage`, which must live on.
std::vector<std::string_view> split(std::string_view text, Secret& storage) {
  storage = Secret(text.size());
  char* lower = reinterpret_cast<char*>(storage.data());
  for (std::size_t i = 0; i < text.size(); ++i)
    lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < text.size();) {
    if (is_space(lower[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && !is_space(lower[end])) ++end;
    words.emplace_back(lower + i, end - i);
    i = end;
  }
  return words;
}

std::string quoted(std::string_view word) {
  std::string out = "\"";
  for (char c : word.substr(0, 24)) out += std::isprint(static_cast<unsigned char>(c)) ? c : '?';
  if (word.size() > 24) out += "...";
  return out + '"';
}

std::string of_phrase(std::size_t position, std::size_t count) {
  return "Word " + std::to_string(position + 1) + " of " + std::to_string(count) + " in the recovery phrase";
}

[[noreturn]] void wrong_count(std::size_t count) {
  std::string what = "The recovery phrase has " + std::to_string(count) + (count == 1 ? " word" : " words") +
                     ", but a phrase has 13 words (or 25 for a 32-byte seed).";
  std::string remedy = count == 12 || count == 24 ? "The last word, which is the checksum, is missing: add it."
                       : count < 13               ? "Enter all words of the phrase."
                                                  : "Enter only the words of one phrase.";
  throw Error(Code::invalid_argument, std::move(what), std::move(remedy));
}

std::size_t index_of(std::string_view word, std::size_t position, std::size_t count) {
  if (auto index = find_word(word)) return *index;
  std::string what = of_phrase(position, count) + ", " + quoted(word) + ", is not in the word list.";
  if (auto near = nearest_word(word); !near.empty())
    throw Error(Code::invalid_argument, std::move(what), "Did you mean \"" + std::string(near) + "\"?");
  throw Error(Code::invalid_argument, std::move(what),
              "Check its spelling: words are English and known by their first three letters.");
}

}  // namespace

std::vector<std::string> encode_words(ByteView bytes) {
  if (bytes.size() % 4 != 0)
    throw Error(Code::invalid_argument, "Only groups of 4 bytes can be written as words, but there are " +
                                            std::to_string(bytes.size()) + " bytes.");
  std::vector<std::string> words;
  for (std::size_t i = 0; i < bytes.size(); i += 4)
    for (std::size_t index : indices_of(bytes.subspan(i).first<4>())) words.emplace_back(word_at(index));
  return words;
}

std::string from_seed(ByteView seed) {
  if (seed.size() != 16 && seed.size() != 32)
    throw Error(Code::invalid_argument,
                "A recovery phrase stands for 16 or 32 bytes, but the seed has " + std::to_string(seed.size()) + ".");
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < seed.size(); i += 4)
    for (std::size_t index : indices_of(seed.subspan(i).first<4>())) indices.push_back(index);
  indices.push_back(indices[checksum_index(indices)]);
  std::string words;
  words.reserve(indices.size() * 13);  // never grows: no copy of the phrase is left behind
  for (std::size_t index : indices) {
    if (!words.empty()) words += ' ';
    words += word_at(index);
  }
  wipe({reinterpret_cast<Byte*>(indices.data()), indices.size() * sizeof(std::size_t)});
  return words;
}

Secret to_seed(std::string_view text) {
  if (text.size() > longest_phrase)
    throw Error(Code::invalid_argument,
                "The recovery phrase has " + std::to_string(text.size()) +
                    " characters, which is more than 13 or 25 words can have.",
                "Enter only the words of one phrase.");
  Secret storage;
  const auto words = split(text, storage);
  if (words.size() != 13 && words.size() != 25) wrong_count(words.size());
  std::vector<std::size_t> indices;
  indices.reserve(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) indices.push_back(index_of(words[i], i, words.size()));

  const std::span<const std::size_t> data(indices.data(), indices.size() - 1);
  Secret seed(data.size() / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const auto group = bytes_of(data.subspan(i).first<3>());
    if (!group)
      throw Error(Code::invalid_argument,
                  "Words " + std::to_string(i + 1) + " to " + std::to_string(i + 3) +
                      " of the recovery phrase do not belong together: the number they stand for is too large.",
                  "Check these three words and their order.");
    std::copy(group->begin(), group->end(), seed.data() + i / 3 * 4);
  }
  const std::size_t expected = data[checksum_index(data)];
  if (indices.back() != expected)
    throw Error(Code::invalid_argument,
                of_phrase(data.size(), words.size()) + " is the checksum and should be \"" +
                    std::string(word_at(expected)) + "\", not " + quoted(words.back()) + ".",
                "One of the words is wrong or out of order: compare each with what you wrote down.");
  wipe({reinterpret_cast<Byte*>(indices.data()), indices.size() * sizeof(std::size_t)});
  return seed;
}

}  // namespace argot::phrase
