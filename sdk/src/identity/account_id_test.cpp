#include <argot/error.h>
#include <argot/identity.h>
#include <gtest/gtest.h>

namespace argot {
namespace {

const std::string text = "05d2ad010eeb72d72e561d9de7bd7b6989af77dcabffa03a5111a6c859ae5c3a72";

std::string refusal(std::string_view id) {
  try {
    AccountId::parse(id);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_argument);
    EXPECT_FALSE(error.remedy().empty());
    return error.what();
  }
  return "accepted";
}

TEST(AccountId, IsReadInAnyCaseAndWrittenInLowerCase) {
  std::string upper = text;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(AccountId::parse("\n " + upper + " \t").text(), text);
  EXPECT_EQ(AccountId::parse(text).prefix(), AccountId::person);
  EXPECT_EQ(AccountId::parse("03" + text.substr(2)).prefix(), AccountId::group);
  EXPECT_EQ(AccountId::parse(text).brief(), "05d2ad01\u2026");
}

TEST(AccountId, WrongLengthIsCounted) {
  EXPECT_EQ(refusal(""), "The account ID has 0 characters instead of 66.");
  EXPECT_EQ(refusal(text.substr(1)), "The account ID has 65 characters instead of 66.");
  EXPECT_EQ(refusal(text + "0"), "The account ID has 67 characters instead of 66.");
}

TEST(AccountId, WrongDigitIsNamedWithItsPlace) {
  std::string wrong = text;
  wrong[9] = 'g';
  EXPECT_EQ(refusal(wrong), "Character 10 of the account ID, 'g', is no hex digit.");
  wrong[9] = '\x80';
  EXPECT_EQ(refusal(wrong), "Character 10 of the account ID, byte 80, is no hex digit.");
}

TEST(AccountId, UnknownPrefixIsNamed) {
  EXPECT_EQ(refusal("04" + text.substr(2)), "The account ID starts with 04, which is no known kind of account.");
  EXPECT_NE(refusal("15" + text.substr(2)).find("blinded"), std::string::npos);
  EXPECT_NE(refusal("25" + text.substr(2)).find("blinded"), std::string::npos);
}

TEST(AccountId, IsMadeOfAKeyOf32Bytes) {
  EXPECT_THROW(AccountId(AccountId::person, Bytes(31)), Error);
  EXPECT_THROW(AccountId(AccountId::person, Bytes(33)), Error);
  EXPECT_EQ(AccountId(AccountId::person, AccountId::parse(text).key()), AccountId::parse(text));
  EXPECT_NE(AccountId(), AccountId::parse(text));
}

}  // namespace
}  // namespace argot
