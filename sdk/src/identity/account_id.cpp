#include <argot/error.h>
#include <argot/identity.h>

#include "../hex.h"

#include <algorithm>

namespace argot {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string named(char c) {
  if (c > ' ' && c < 0x7f) return std::string("'") + c + "'";
  return "byte " + to_hex(view({&c, 1}));
}

constexpr const char* remedy = "An account ID is 66 hex digits and starts with 05 (a person) or 03 (a group).";

}  // namespace

AccountId::AccountId(Byte prefix, ByteView key32) {
  if (key32.size() != 32)
    throw Error(Code::invalid_argument,
                "The key of an account ID has 32 bytes, not " + std::to_string(key32.size()) + ".");
  bytes_[0] = prefix;
  std::copy(key32.begin(), key32.end(), bytes_.begin() + 1);
}

AccountId AccountId::parse(std::string_view text) {
  if (text.size() != 2 * size) text = trim(text);
  if (text.size() != 2 * size)
    throw Error(Code::invalid_argument,
                "The account ID has " + std::to_string(text.size()) + " characters instead of 66.", remedy);
  AccountId id;
  if (!hex_into(text, id.bytes_)) {
    const auto wrong = std::ranges::find_if(text, [](char c) { return hex_values[static_cast<unsigned char>(c)] < 0; });
    throw Error(Code::invalid_argument,
                "Character " + std::to_string(wrong - text.begin() + 1) + " of the account ID, " + named(*wrong) +
                    ", is no hex digit.",
                remedy);
  }
  if (id.prefix() == 0x15 || id.prefix() == 0x25)
    throw Error(Code::invalid_argument,
                "The account ID starts with " + std::string(text.substr(0, 2)) +
                    ": it is a person's blinded ID of one community, and messages cannot be sent to it from here.",
                "Ask the person for their own account ID, which starts with 05.");
  if (id.prefix() != person && id.prefix() != group)
    throw Error(Code::invalid_argument,
                "The account ID starts with " + std::string(text.substr(0, 2)) + ", which is no known kind of account.",
                remedy);
  return id;
}

std::string AccountId::brief() const { return to_hex(ByteView(bytes_).first(4)) + "\u2026"; }

}  // namespace argot
