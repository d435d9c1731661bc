// The verbs of a conversation, each as a program would call it, and each with what people mistype. Over the loopback
// transport: what is written to oneself needs no network.
#include <boost/json.hpp>

#include "scene.h"

namespace argot::e2e {
namespace {

using testing::HasSubstr;

class TalkVerbs : public Scene {
 protected:
  void SetUp() override {
    file_ = write("talk.yaml", "data: " + path("data").string() +
                                   "\nplugins:\n  transport: loopback\n  crypto: [session]\n  storage: sqlite\n")
                .string();
    const Result made = verb({"account", "new", "--json"});
    ASSERT_EQ(made.code, 0) << made.err;
    self_ = boost::json::parse(made.out.substr(0, made.out.find('\n'))).at("id").as_string().c_str();
    const Result sent = verb({"send", self_, "first", "--json"});
    ASSERT_EQ(sent.code, 0) << sent.err;
    number_ = std::to_string(boost::json::parse(sent.out.substr(0, sent.out.find('\n'))).at("id").as_int64());
  }
  Result verb(std::vector<std::string> words) const {
    words.insert(words.end(), {"--profile", file_});
    return argot(words);
  }
  /// What history says of the first message.
  boost::json::object first() const {
    const Result shown = verb({"history", "--json"});
    return boost::json::parse(shown.out.substr(0, shown.out.find('\n'))).as_object();
  }
  boost::json::object conversation() const {
    const Result shown = verb({"conversations", "--json"});
    return boost::json::parse(shown.out.substr(0, shown.out.find('\n'))).as_object();
  }
  std::string file_, self_, number_;
  const std::string nobody_ = "05" + std::string(62, 'a') + "00";
};

TEST_F(TalkVerbs, ChangeWhatHistoryShowsToPrograms) {
  EXPECT_EQ(verb({"edit", number_, "second", "--json"}).code, 0);
  EXPECT_EQ(first().at("text").as_string(), "second");
  EXPECT_TRUE(first().contains("edited_at_ms"));
  EXPECT_EQ(verb({"react", number_, "👍", "--json"}).code, 0);
  EXPECT_EQ(first().at("reactions").as_array().size(), 1u);
  EXPECT_EQ(verb({"react", "--remove", number_, "👍"}).code, 0);
  EXPECT_EQ(first().at("reactions").as_array().size(), 0u);
  const Result reply = verb({"reply", number_, "an answer", "--json"});
  EXPECT_EQ(reply.code, 0) << reply.err;
  EXPECT_EQ(boost::json::parse(reply.out).at("quote").at("text").as_string(), "second");
  EXPECT_EQ(verb({"read", number_}).code, 0);
  EXPECT_EQ(verb({"unsend", number_, "--json"}).code, 0);
  EXPECT_EQ(first().at("kind").as_string(), "deleted");
  EXPECT_EQ(verb({"delete", number_}).code, 0);
  EXPECT_EQ(first().at("text").as_string(), "an answer");
}

TEST_F(TalkVerbs, ChangeHowAConversationIsKept) {
  for (const char* how : {"pinned", "muted", "archived", "verified"}) {
    EXPECT_EQ(verb({"keep", self_, how, "on"}).code, 0);
    EXPECT_TRUE(conversation().at(how).as_bool()) << how;
    EXPECT_EQ(verb({"keep", self_, how, "off"}).code, 0);
    EXPECT_FALSE(conversation().at(how).as_bool()) << how;
  }
  EXPECT_EQ(verb({"disappear", self_, "after-send", "3600"}).code, 0);
  EXPECT_EQ(conversation().at("disappearing").at("seconds").as_int64(), 3600);
  EXPECT_EQ(verb({"disappear", self_, "off"}).code, 0);
  EXPECT_EQ(verb({"name", "Ann"}).code, 0);
  EXPECT_EQ(verb({"privacy", "receipts", "on"}).code, 0);
  EXPECT_EQ(verb({"verify", nobody_, "--json"}).code, 0);
  EXPECT_EQ(verb({"verify", nobody_}).out, verb({"verify", nobody_}).out);
}

TEST_F(TalkVerbs, SayWhatIsWrongInASentence) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"reply", "999", "x"},
                                                                                     {"edit", "999", "x"},
                                                                                     {"react", "999", "x"},
                                                                                     {"unsend", "999"},
                                                                                     {"delete", "999"},
                                                                                     {"read", "999"}})
    EXPECT_TRUE(fails_with(verb(words), {"There is no message number 999."})) << words[0];
  EXPECT_TRUE(fails_with(verb({"edit", number_, ""}), {"The text is empty."}));
  EXPECT_TRUE(fails_with(verb({"edit", number_, std::string(2001, 'x')}), {"2001 characters"}));
  EXPECT_TRUE(fails_with(verb({"react", number_, std::string(65, 'x')}), {"at most 64 bytes"}));
  EXPECT_TRUE(fails_with(verb({"disappear", self_, "after-read", "60"}), {"Notes to oneself"}));
  EXPECT_TRUE(fails_with(verb({"disappear", self_, "after-send"}), {"how many seconds"}));
  EXPECT_TRUE(fails_with(verb({"request", "decline", nobody_}), {"no message request"}));
  EXPECT_TRUE(fails_with(verb({"block", self_}), {"own account"}));
  EXPECT_TRUE(fails_with(verb({"keep", self_, "pinned", "maybe"}), {"on or off"}));
  EXPECT_TRUE(fails_with(verb({"privacy", "typing", "perhaps"}), {"on or off"}));
  EXPECT_TRUE(fails_with(verb({"name", "two\nlines"}), {"control characters"}));
  EXPECT_TRUE(fails_with(verb({"verify", "05nonsense"}), {"10 characters instead of 66"}));
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"edit"},
                                                                                     {"react", number_},
                                                                                     {"unsend", "many"},
                                                                                     {"disappear", self_, "sometimes"},
                                                                                     {"request"},
                                                                                     {"keep", self_, "nicely", "on"},
                                                                                     {"privacy", "everything", "on"}})
    EXPECT_NE(verb(words).code, 0) << words[0];
  EXPECT_EQ(first().at("text").as_string(), "first");
}

TEST_F(TalkVerbs, ShowNothingThatMovesTheCursorOrLooksLikeAnotherMessage) {
  ASSERT_EQ(verb({"send", self_, "red \x1b[31m\n     9  12:00:00  from 05aa…  forged \u202e"}).code, 0);
  const std::string shown = verb({"history"}).out;
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_EQ(shown.find("\u202e"), std::string::npos);
  EXPECT_EQ(shown.find("\n     9"), std::string::npos);
  EXPECT_THAT(verb({"history", "--json"}).out, HasSubstr("\\u001b[31m"));
}

}  // namespace
}  // namespace argot::e2e
