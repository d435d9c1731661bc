#include <argot/content.h>
#include <argot/error.h>
#include <gtest/gtest.h>

#include <random>

namespace argot {
namespace {

Content with(decltype(Content::body) body) {
  Content content;
  content.sent_at_ms = 1754971101000;
  content.body = std::move(body);
  return content;
}

template <class Kind> Kind round_trip(Kind kind) {
  const Content out = decode_content(encode(with(kind)));
  EXPECT_EQ(out.sent_at_ms, 1754971101000u);
  EXPECT_TRUE(std::holds_alternative<Kind>(out.body));
  return std::get<Kind>(out.body);
}

Content read(std::string_view hex) { return decode_content(from_hex(hex).value()); }
template <class Kind> bool is(const Content& content) { return std::holds_alternative<Kind>(content.body); }

Code refusal(ByteView bytes) {
  try {
    decode_content(bytes);
  } catch (const Error& error) {
    return error.code();
  }
  return Code::internal;  // not refused
}

TEST(Content, EveryKindComesBackAsItWas) {
  const Text text = round_trip(Text{"hi \U0001f602", 2, "05ab"});
  EXPECT_EQ(text.body, "hi \U0001f602");
  EXPECT_EQ(text.flags, 2u);
  EXPECT_EQ(text.sync_target, "05ab");
  EXPECT_TRUE(round_trip(Typing{true, 77}).started);
  EXPECT_FALSE(round_trip(Typing{false, 77}).started);
  EXPECT_EQ(round_trip(Typing{false, ~0ull}).timestamp_ms, ~0ull);
  EXPECT_EQ(round_trip(Receipt{Receipt::Type::read, {1, 2, ~0ull}}).timestamps_ms,
            (std::vector<std::uint64_t>{1, 2, ~0ull}));
  EXPECT_EQ(round_trip(Receipt{Receipt::Type::delivery, {}}).type, Receipt::Type::delivery);
  EXPECT_EQ(round_trip(Unsend{5, "05cd"}).author, "05cd");
  EXPECT_EQ(round_trip(DataExtraction{DataExtraction::Type::media_saved, 9}).timestamp_ms, 9u);
  EXPECT_EQ(round_trip(DataExtraction{}).type, DataExtraction::Type::screenshot);
  EXPECT_TRUE(round_trip(RequestResponse{true}).approved);
}

TEST(Content, ExpiryComesBackAsItWas) {
  Content content = with(Text{"x", 0, ""});
  content.expiry = Content::Expiry::after_send;
  content.expiry_seconds = 43200;
  const Content out = decode_content(encode(content));
  EXPECT_EQ(out.expiry, Content::Expiry::after_send);
  EXPECT_EQ(out.expiry_seconds, 43200u);
}

TEST(Content, LongestTextIsCountedInCodePoints) {
  std::string body;
  for (int i = 0; i < 2000; ++i) body += "\U0001f602";
  EXPECT_EQ(round_trip(Text{body, 0, ""}).body.size(), 8000u);
  body += 'x';
  EXPECT_THROW(encode(with(Text{body, 0, ""})), Error);
}

TEST(Content, LongerTextsOfOtherClientsAreRead) {
  Bytes bytes{0x0a, 0x93, 0x4e, 0x0a, 0x90, 0x4e};  // 10,000 characters
  bytes.insert(bytes.end(), 10000, 'x');
  EXPECT_EQ(std::get<Text>(decode_content(bytes).body).body.size(), 10000u);
}

TEST(Content, WhatCannotBeSentIsRefused) {
  EXPECT_THROW(encode(with(Unsupported{})), Error);
  EXPECT_THROW(encode(with(Text{"\xff", 0, ""})), Error);
  EXPECT_THROW(encode(with(Text{"a", 0, "\xff"})), Error);
  EXPECT_THROW(encode(with(Unsend{1, "\xc0"})), Error);
  EXPECT_THROW(encode(with(Receipt{Receipt::Type::read, std::vector<std::uint64_t>(20'000, ~0ull)})), Error);
}

TEST(Content, UnknownAndLegacyKindsAreUnsupported) {
  EXPECT_TRUE(is<Unsupported>(read("")));
  EXPECT_TRUE(is<Unsupported>(read("78c8aeb7e38933")));  // only a time stamp
  EXPECT_TRUE(is<Unsupported>(read("3a020801")));        // configurationMessage, legacy
  EXPECT_TRUE(is<Unsupported>(read("5a00")));            // sharedConfigMessage, legacy
  EXPECT_TRUE(is<Unsupported>(read("1a020801")));        // a call
  EXPECT_TRUE(is<Unsupported>(read("1a020863")));        // a call of a type that is not invented yet
  EXPECT_TRUE(is<Unsupported>(read("ba3e03616263")));    // field 999
  EXPECT_TRUE(is<Unsupported>(read("0a03c20700")));      // group update, even beside other things
}

TEST(Content, FirstKindOfTheProtocolsOrderWins) {
  // A receipt and a typing notice: the receipt. A text and both: the text.
  EXPECT_TRUE(is<Receipt>(read("2a04080110053204080110003a00")));
  EXPECT_TRUE(
      is<Text>(read("2a0408011005320408011000"
                    "0a030a0161")));
  EXPECT_TRUE(
      is<Typing>(read("320408011000"
                      "42020801")));
  EXPECT_TRUE(
      is<DataExtraction>(read("42020801"
                              "4a050801120161")));
  EXPECT_TRUE(
      is<Unsend>(read("4a050801120161"
                      "1a020801")));
  EXPECT_TRUE(
      is<Unsupported>(read("1a020801"
                           "52020801")));
  EXPECT_TRUE(is<RequestResponse>(read("52020801")));
}

TEST(Content, DataMessagesWithUnknownFlagsAreRefused) {
  EXPECT_EQ(refusal(*from_hex("0a022001")), Code::corrupt);
  EXPECT_EQ(refusal(*from_hex("0a022004")), Code::corrupt);
  EXPECT_EQ(std::get<Text>(read("0a022002").body).flags, 2u);
  EXPECT_EQ(std::get<Text>(read("0a022003").body).flags, 3u);  // with the known bit, others do not matter
}

Bytes with_attachments(std::size_t count) {
  Bytes data{0x0a, 0x01, 'x'};
  for (std::size_t i = 0; i < count; ++i) data.insert(data.end(), {0x12, 9, 0x09, 0, 0, 0, 0, 0, 0, 0, 0});
  Bytes bytes{0x0a, static_cast<Byte>(data.size() | 0x80), static_cast<Byte>(data.size() >> 7)};
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

TEST(Content, MoreThan32AttachmentsAreRefused) {
  EXPECT_EQ(std::get<Text>(decode_content(with_attachments(32)).body).body, "x");
  EXPECT_EQ(refusal(with_attachments(33)), Code::corrupt);
}

TEST(Content, AnEmptyDataMessageIsEmptyText) {
  const Content empty = read("0a00");
  ASSERT_TRUE(is<Text>(empty));
  EXPECT_EQ(std::get<Text>(empty.body).body, "");
}

TEST(Content, RepliesAttachmentsPreviewsAndProfilesComeBackAsTheyWere) {
  Text text;
  text.body = "look";
  text.quote.emplace();
  text.quote->timestamp_ms = 1234567890123;
  text.quote->author = "05ab";
  text.quote->text = "quoted";
  Attachment& file = text.attachments.emplace_back();
  file.id = 77;
  file.content_type = "image/png";
  file.key = Bytes(64, 9);
  file.size = 1000;
  file.digest = Bytes(32, 8);
  file.file_name = "photo.png";
  file.voice = true;
  file.width = 3;
  file.height = 4;
  file.caption = "me";
  file.url = "http://files.example/77";
  text.previews.emplace_back();
  text.previews[0].url = "https://example.org";
  text.previews[0].title = "Example";
  text.previews[0].image = file;
  text.profile.name = "Ann";
  text.profile.updated_s = 1754971101;
  text.profile.key = Bytes(32, 7);
  text.profile.picture_url = "http://files.example/78";
  const Text back = round_trip(text);
  ASSERT_TRUE(back.quote && back.attachments.size() == 1 && back.previews.size() == 1 && back.previews[0].image);
  EXPECT_EQ(back.quote->text, "quoted");
  EXPECT_EQ(back.quote->timestamp_ms, 1234567890123u);
  EXPECT_EQ(back.attachments[0].key, file.key);
  EXPECT_TRUE(back.attachments[0].voice);
  EXPECT_EQ(back.previews[0].image->file_name, "photo.png");
  EXPECT_EQ(back.profile.name, "Ann");
  EXPECT_EQ(encode(with(back)), encode(with(text)));
}

TEST(Content, ReactionsComeBackAsTheyWere) {
  const Reaction back = round_trip(Reaction{5, "05ab", "\U0001f389", true, "05cd"});
  EXPECT_EQ(back.timestamp_ms, 5u);
  EXPECT_EQ(back.author, "05ab");
  EXPECT_EQ(back.emoji, "\U0001f389");
  EXPECT_TRUE(back.remove);
  EXPECT_EQ(back.sync_target, "05cd");
}

TEST(Content, AReactionWithoutAnEmojiOrWithAnEssayIsRefused) {
  EXPECT_THROW(encode(with(Reaction{5, "05ab", ""})), Error);
  EXPECT_THROW(encode(with(Reaction{5, "05ab", std::string(65, 'x')})), Error);
  EXPECT_EQ(refusal(*from_hex("0a095a0708051201612000")), Code::corrupt);
}

TEST(Content, AnEditIsATextThatOldClientsShowAsAReply) {
  Text edit;
  edit.body = "corrected";
  edit.edit_of_ms = 99;
  edit.quote.emplace();
  edit.quote->timestamp_ms = 99;
  edit.quote->author = "05ab";
  EXPECT_EQ(round_trip(edit).edit_of_ms, 99u);
}

TEST(Content, QuotesWithoutAuthorAreRefusedAndBadPreviewsAreDropped) {
  EXPECT_EQ(refusal(*from_hex("0a0442020805")), Code::corrupt);  // a quote of nobody
  const Content text = read("0a050a01615200");                   // a preview without address, beside a text
  EXPECT_TRUE(std::get<Text>(text.body).previews.empty());
  EXPECT_EQ(std::get<Text>(text.body).body, "a");
}

TEST(Mentions, AreWholeAccountIds) {
  const std::string ann = "05" + std::string(64, 'a'), bob = "05" + std::string(64, 'b');
  EXPECT_EQ(mentions("@" + ann + " and @" + bob + ", @" + ann), (std::vector<std::string>{ann, bob}));
  EXPECT_TRUE(mentions("@" + ann + "a @05 @ " + ann + " @" + std::string(66, 'c')).empty());
}

TEST(Content, RequiredFieldsAreAskedOfTheKindThatIsRead) {
  EXPECT_EQ(refusal(*from_hex("2a00")), Code::corrupt);          // a receipt without type
  EXPECT_EQ(refusal(*from_hex("32020801")), Code::corrupt);      // typing without action
  EXPECT_EQ(refusal(*from_hex("320408011009")), Code::corrupt);  // an action that does not exist
  EXPECT_EQ(refusal(*from_hex("4a020801")), Code::corrupt);      // deletion without author
  EXPECT_EQ(refusal(*from_hex("4200")), Code::corrupt);
  EXPECT_EQ(std::get<Text>(read("0a030a01612a00").body).body, "a");     // an incomplete receipt beside a text: ignored
  EXPECT_FALSE(std::get<RequestResponse>(read("5200").body).approved);  // missing counts as "no"
}

TEST(Content, UnknownExpirationTypeCountsAsUnknown) {
  EXPECT_EQ(read("0a030a01616009").expiry, Content::Expiry::unknown);
  EXPECT_EQ(read("0a030a01616001").expiry, Content::Expiry::after_read);
}

TEST(Content, RepeatedTimestampsMayBePacked) {
  EXPECT_EQ(std::get<Receipt>(read("2a0608011202"
                                   "0506")
                                  .body)
                .timestamps_ms,
            (std::vector<std::uint64_t>{5, 6}));
}

TEST(Content, EveryTruncationIsRefusedOrHarmless) {
  const Bytes whole = encode(with(Text{"hello, hello, hello", 2, "05ab"}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Code code = refusal(ByteView(whole).first(size));
    EXPECT_TRUE(code == Code::corrupt || code == Code::internal) << size;
  }
}

TEST(Content, RubbishIsRefusedOrUnsupported) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Bytes bytes(random() % 64);
    for (Byte& byte : bytes) byte = static_cast<Byte>(random());
    const Code code = refusal(bytes);
    ASSERT_TRUE(code == Code::corrupt || code == Code::internal);
  }
}

TEST(Content, LengthsThatOverflowAreRefused) {
  for (const char* hex :
       {"0affffffff0f", "0affffffffffffffffff01", "0aff", "0a80", "0affffffffffffffffffff01", "0a85808080000a0161"})
    EXPECT_NE(refusal(*from_hex(hex)), Code::unauthenticated) << hex;
  EXPECT_EQ(refusal(*from_hex("0affffffff0f")), Code::corrupt);
  EXPECT_EQ(refusal(*from_hex("0affffffffffffffffff01")), Code::corrupt);
}

TEST(Content, DeepNestingIsRefusedWithoutExhaustingTheStack) {
  // Groups inside groups, the only thing that nests without end in this schema.
  EXPECT_EQ(refusal(Bytes(70'000, 0x0b)), Code::corrupt);
  EXPECT_EQ(refusal(Bytes(70'000, 0x9b)), Code::corrupt);
}

TEST(Content, LargerThanAnyEnvelopeIsRefused) { EXPECT_EQ(refusal(Bytes(76'801, 0)), Code::corrupt); }

TEST(Content, AsManySmallPartsAsFitAreHandled) {
  Bytes data;
  while (data.size() < 76'000) data.insert(data.end(), {0x12, 0});  // empty attachments
  Bytes bytes{0x0a, static_cast<Byte>(data.size() | 0x80), static_cast<Byte>((data.size() >> 7) | 0x80),
              static_cast<Byte>(data.size() >> 14)};
  bytes.insert(bytes.end(), data.begin(), data.end());
  EXPECT_EQ(refusal(bytes), Code::corrupt);
}

}  // namespace
}  // namespace argot
