// A scenario per kind of message: two people at two machines, real node processes between them, each step a program of
// its own, so that every step is a restart, too.
#include <boost/json.hpp>

#include <functional>
#include <sstream>

#include <signal.h>
#include <unistd.h>

#include "scene.h"

namespace argot::e2e {
namespace {

using testing::HasSubstr;
namespace json = boost::json;

class TalkScenarios : public Scene {
 protected:
  TalkScenarios() {
    for (const char* name : {"one", "two", "three"}) node(name);
    list_nodes();
    nodes_know(3);
    for (const char* who : {"alice", "bob"}) make_account(who);
  }
  void does(const std::string& who, std::vector<std::string> words) {
    std::vector<std::string> all = words;  // options belong to the last of the words that are verbs
    all.insert(all.end(), {"--profile", path(who + ".yaml").string()});
    const Result result = argot(all);
    EXPECT_EQ(result.code, 0) << who << " " << words[0] << ": " << result.out << result.err;
  }
  static std::vector<json::object> lines(const Result& result) {
    std::vector<json::object> out;
    std::istringstream in(result.out);
    for (std::string line; std::getline(in, line);) out.push_back(json::parse(line).as_object());
    return out;
  }
  std::vector<json::object> history(const std::string& who) { return lines(as(who, {"--json", "history"})); }
  json::object conversation(const std::string& who) {
    const auto all = lines(as(who, {"--json", "conversations"}));
    return all.empty() ? json::object() : all.front();
  }
  std::string number_of(const std::string& who, const std::string& text) {
    for (const json::object& m : history(who))
      if (m.at("text").as_string() == text) return std::to_string(m.at("id").as_int64());
    ADD_FAILURE() << who << " has no message \"" << text << "\"";
    return "0";
  }
  /// Somebody looks again and again, as with a telephone from a pocket, until it is so.
  testing::AssertionResult sees(const std::string& who, const std::function<bool()>& it) {
    for (int i = 0; i < 40; ++i) {
      auto watching = start_as(who, {"--json", "watch"});
      ::usleep(400'000);
      watching->signal(SIGTERM);
      watching->finish();
      if (it()) return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << who << ":\n" << as(who, {"--json", "history"}).out;
  }
  testing::AssertionResult gets(const std::string& who, const std::string& text) {
    return sees(who, [&] {
      for (const json::object& m : history(who))
        if (m.at("text").as_string() == text) return true;
      return false;
    });
  }
  /// The first message with this value.
  bool shows(const std::string& who, const std::string& key, const json::value& value) {
    for (const json::object& m : history(who))
      if (m.contains(key) && m.at(key) == value) return true;
    return false;
  }
};

TEST_F(TalkScenarios, ARequestIsAcceptedAndThenTheyTalk) {
  does("alice", {"name", "Ann"});
  does("alice", {"send", id("bob"), "hello"});
  ASSERT_TRUE(gets("bob", "hello"));
  EXPECT_FALSE(conversation("bob").at("approved").as_bool());
  EXPECT_TRUE(conversation("bob").at("approved_by_peer").as_bool());
  does("bob", {"request", "accept", id("alice")});
  EXPECT_TRUE(conversation("bob").at("approved").as_bool());
  EXPECT_TRUE(sees("alice", [&] { return conversation("alice").at("approved_by_peer").as_bool(); }));
  does("alice", {"send", id("bob"), "good"});
  ASSERT_TRUE(gets("bob", "good"));
  EXPECT_EQ(as("alice", {"verify", id("bob")}).out, as("bob", {"verify", id("alice")}).out);

  // Answers, reactions, edits, taking back.
  does("bob", {"reply", number_of("bob", "hello"), "hello yourself"});
  does("bob", {"react", number_of("bob", "hello"), "👍"});
  ASSERT_TRUE(sees("alice", [&] {
    for (const json::object& m : history("alice"))
      if (m.at("text") == "hello" && m.at("reactions").as_array().size() == 1) return true;
    return false;
  }));
  ASSERT_TRUE(gets("alice", "hello yourself"));
  EXPECT_EQ(history("alice").back().at("quote").at("text").as_string(), "hello");
  does("bob", {"react", "--remove", number_of("bob", "hello"), "👍"});
  does("bob", {"edit", number_of("bob", "hello yourself"), "hello, Ann"});
  ASSERT_TRUE(gets("alice", "hello, Ann"));
  EXPECT_TRUE(sees("alice", [&] { return history("alice").front().at("reactions").as_array().empty(); }));
  does("bob", {"unsend", number_of("bob", "hello, Ann")});
  EXPECT_TRUE(sees("alice", [&] { return shows("alice", "kind", "deleted"); }));

  // Receipts, for those who both want them.
  for (const char* who : {"alice", "bob"}) does(who, {"privacy", "receipts", "on"});
  does("bob", {"read", number_of("bob", "good")});
  EXPECT_TRUE(sees("alice", [&] {
    for (const json::object& m : history("alice"))
      if (m.at("text") == "good" && m.at("state") == "read") return true;
    return false;
  }));

  // Names and mentions.
  does("alice", {"send", id("bob"), "ask @" + id("alice") + " or @" + id("bob")});
  ASSERT_TRUE(gets("bob", "ask @" + id("alice") + " or @" + id("bob")));
  EXPECT_THAT(as("bob", {"history"}).out, HasSubstr("ask @Ann or @"));
  EXPECT_TRUE(history("bob").back().at("mentions_me").as_bool());

  // Screenshots.
  does("bob", {"screenshot", id("alice")});
  EXPECT_TRUE(sees("alice", [&] { return shows("alice", "kind", "screenshot"); }));

  // Blocked people are not heard, and heard again.
  does("bob", {"block", id("alice")});
  does("alice", {"send", id("bob"), "can you hear me"});
  does("bob", {"send", id("bob"), "a note"});
  ASSERT_TRUE(sees("bob", [] { return true; }));
  EXPECT_FALSE(shows("bob", "text", "can you hear me"));
}

TEST_F(TalkScenarios, ARequestIsDeclinedAndTellsNothing) {
  does("alice", {"send", id("bob"), "buy this"});
  ASSERT_TRUE(gets("bob", "buy this"));
  does("bob", {"request", "decline", id("alice")});
  EXPECT_TRUE(history("bob").empty());
  EXPECT_TRUE(conversation("bob").at("declined").as_bool());
  EXPECT_TRUE(sees("alice", [] { return true; }));
  EXPECT_FALSE(conversation("alice").at("approved_by_peer").as_bool());
}

TEST_F(TalkScenarios, MessagesDisappearWhileNobodyRuns) {
  does("alice", {"disappear", id("bob"), "after-send", "15"});
  does("alice", {"send", id("bob"), "soon gone"});
  ASSERT_TRUE(gets("bob", "soon gone"));
  EXPECT_EQ(conversation("bob").at("disappearing").at("seconds").as_int64(), 15);
  does("bob", {"disappear", id("alice"), "after-read", "2"});
  does("bob", {"send", id("alice"), "gone when read"});
  ASSERT_TRUE(gets("alice", "gone when read"));
  does("alice", {"read", number_of("alice", "gone when read")});
  for (const char* who : {"alice", "bob"})
    for (const char* text : {"soon gone", "gone when read"})
      EXPECT_TRUE(sees(who, [&] { return !shows(who, "text", text); })) << who << " " << text;
}

}  // namespace
}  // namespace argot::e2e
