// What people mistype, and two programs that want one account.
#include <signal.h>

#include <sstream>

#include "scene.h"

namespace argot::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AccountFaults : public Scene {
 protected:
  /// An account on a network of one node.
  void network() {
    node("node");
    list_nodes();
    nodes_know(1);
  }
  Result restore(const std::string& phrase) {
    Launch launch;
    launch.input = phrase;
    return argot({"account", "restore"}, std::move(launch));
  }
  std::string accounts() const { return argot({"account", "list"}).out; }
};

TEST_F(AccountFaults, AWrongPassphraseOpensNothingAndTheRightOneStillDoes) {
  network();
  write("right", "correct horse\n");
  write("wrong", "wrong horse\n");
  make_account("alice", {"--passphrase-file", path("right").string()});
  make_account("bob");
  for (const char* which : {"wrong", "empty"}) {
    if (which == std::string("empty")) write("empty", "\n");
    const Result refused = as("alice", {"send", id("bob"), "hello", "--passphrase-file", path(which).string()});
    EXPECT_EQ(refused.code, 1);
    EXPECT_TRUE(fails_with(refused, {"The passphrase does not open this account.", "Check the passphrase"}));
    EXPECT_THAT(refused.err, Not(HasSubstr("horse"))) << "what was typed is a secret too";
  }
  const Result none = as("alice", {"send", id("bob"), "hello"});
  EXPECT_TRUE(fails_with(none, {"passphrase"}));
  const Result sent = as("alice", {"send", id("bob"), "hello", "--passphrase-file", path("right").string()});
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_THAT(received("bob", "alice", "hello"), ElementsAre("hello"));
}

TEST_F(AccountFaults, APassphraseFileThatIsNotThereIsNamed) {
  make_account("alice");
  list_nodes({"127.0.0.1:1 58" + std::string(62, '6') + " 1"});
  const Result refused = as("alice", {"history", "--passphrase-file", path("nowhere").string()});
  EXPECT_TRUE(fails_with(refused, {path("nowhere").string(), "Check its name"}));
}

TEST_F(AccountFaults, ASecondProcessOnTheSameAccountIsToldWhoHasIt) {
  network();
  make_account("alice");
  make_account("bob");
  auto first = converse("alice", "bob");
  const std::string holder = "is open in process " + std::to_string(first->pid());
  EXPECT_TRUE(fails_with(as("alice", {"send", id("bob"), "me too"}), {holder, "Stop that process first"}));
  EXPECT_TRUE(fails_with(as("alice", {"history"}), {holder}));
  EXPECT_TRUE(
      fails_with(as("alice", {"run", "--set", "app=terminal", "--set", "app.terminal.peer=" + id("bob")}), {holder}));
  first->type("still here");
  EXPECT_TRUE(first->wait_for("still here ✓"));
  first->kill();
  const Result after = as("alice", {"send", id("bob"), "now me"});
  EXPECT_EQ(after.code, 0) << "a dead process holds nothing: " << after.err;
  EXPECT_THAT(received("bob", "alice", "now me"), ElementsAre("still here", "now me"));
}

TEST_F(AccountFaults, AFaultyPhraseIsRefusedByWord) {
  // The words of a phrase that is right, with one fault at a time.
  const Result made = argot({"--json", "account", "new"});
  const auto at = made.out.find("\"phrase\":\"");
  ASSERT_NE(at, std::string::npos) << made.err;
  const std::string phrase = made.out.substr(at + 10, made.out.find('"', at + 10) - at - 10);
  std::vector<std::string> words;
  std::istringstream in(phrase);
  for (std::string word; in >> word;) words.push_back(word);
  ASSERT_EQ(words.size(), 13u);
  auto with = [&](auto change) {
    std::vector<std::string> changed = words;
    change(changed);
    std::string text;
    for (const std::string& word : changed) text += (text.empty() ? "" : " ") + word;
    return restore(text);
  };
  const std::string before = accounts();
  EXPECT_TRUE(fails_with(with([](auto& w) { w[4] = "qwertyuiop"; }), {"qwertyuiop", "5"}));
  EXPECT_TRUE(fails_with(with([](auto& w) { w.pop_back(); }), {"12", "13"}));
  EXPECT_TRUE(fails_with(with([](auto& w) { w.push_back(w[0]); }), {"14", "13"}));
  EXPECT_TRUE(fails_with(with([](auto& w) { w.clear(); }), {"13"}));
  EXPECT_TRUE(fails_with(with([](auto& w) { std::swap(w[0], w[1]), w[12] = w[12] == w[2] ? w[3] : w[2]; }), {"."}));
  EXPECT_TRUE(fails_with(restore(phrase), {"is here already", "Unlock it instead"}));
  EXPECT_EQ(accounts(), before) << "what was refused left nothing behind";
}

TEST_F(AccountFaults, AChecksumThatDoesNotFitNamesItsWord) {
  const Result refused = restore("abbey abbey abbey abbey abbey abbey abbey abbey abbey abbey abbey abbey zones");
  EXPECT_TRUE(fails_with(refused, {"checksum", "zones"}));
}

TEST_F(AccountFaults, AFaultyIdIsRefused) {
  network();
  make_account("alice");
  const std::string good = id("alice");
  auto send_to = [&](const std::string& peer) { return as("alice", {"send", peer, "hello", "--wait", "1"}); };
  EXPECT_TRUE(fails_with(send_to(good.substr(0, 65)), {"66", "65"}));
  EXPECT_TRUE(fails_with(send_to(good + "0"), {"66", "67"}));
  EXPECT_TRUE(fails_with(send_to("05" + std::string(63, 'a') + "g"), {"Character 66", "'g'"}));
  EXPECT_TRUE(fails_with(send_to("ff" + good.substr(2)), {"starts with ff", "05 (a person)"}));
  EXPECT_TRUE(fails_with(send_to("03" + good.substr(2)), {"to people only", "begins with 05"}));
  EXPECT_TRUE(fails_with(send_to("bob"), {"66 hex digits"}));
  EXPECT_TRUE(fails_with(as("alice", {"send", good, ""}), {"The text is empty."}));
  EXPECT_TRUE(fails_with(as("alice", {"send", good, std::string(2001, 'x')}), {"2001 characters", "Send it in parts"}));
  EXPECT_TRUE(fails_with(as("alice", {"send", good, "\xff\xfe"}), {"not UTF-8"}));
  EXPECT_TRUE(fails_with(as("alice", {"history", "--account", "05ff"}), {"05ff", "argot account list"}));
  EXPECT_TRUE(
      fails_with(as("alice", {"run", "--set", "app=terminal", "--set", "app.terminal.peer=05"}), {"66 hex digits"}));
}

}  // namespace
}  // namespace argot::e2e
