// The control socket of a running kernel, spoken to as another process does: byte by byte.
#include <boost/json.hpp>

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <set>

#include "scene.h"

namespace argot::e2e {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

/// One connection. Whatever it waits for, it waits for at most `patience`.
class Caller {
 public:
  explicit Caller(const fs::path& socket) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    socket.string().copy(at.sun_path, sizeof at.sun_path - 1);
    const timeval limit{patience.count(), 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0) << socket;
  }
  ~Caller() { ::close(socket_); }
  Caller(const Caller&) = delete;

  /// False when the other side has closed.
  bool send(const std::string& bytes) const {
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t n = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (n <= 0) return false;
      done += std::size_t(n);
    }
    return true;
  }
  void finish_sending() const { ::shutdown(socket_, SHUT_WR); }
  /// The next line; empty at the end.
  std::string line() {
    for (;;) {
      if (const auto end = in_.find('\n'); end != std::string::npos) {
        std::string line = in_.substr(0, end);
        in_.erase(0, end + 1);
        return line;
      }
      char chunk[4096];
      const ssize_t n = ::recv(socket_, chunk, sizeof chunk, 0);
      if (n <= 0) return {};
      in_.append(chunk, std::size_t(n));
    }
  }
  json::object call(const std::string& text) {
    send(text + "\n");
    return answer();
  }
  json::object answer() {
    const std::string text = line();
    boost::system::error_code failure;
    const json::value value = json::parse(text, failure);
    if (failure || !value.is_object()) {
      ADD_FAILURE() << "no answer, but: " << text;
      return {};
    }
    return value.as_object();
  }

 private:
  int socket_;
  std::string in_;
};

std::string error_in(const json::object& answer) {
  const auto* error = answer.if_contains("error");
  if (!error) return "no error: " + json::serialize(answer);
  return std::string(error->at("code").as_string()) + ": " + std::string(error->at("message").as_string()) + " " +
         std::string(error->at("remedy").as_string());
}

class Control : public Scene {
 protected:
  Control() {
    profile_ = write("kernel.yaml", "data: " + path("kernel").string() +
                                        "\nlog: info\nplugins: {network: os, transport: loopback, storage: memory, "
                                        "crypto: [session], messenger: {keys: memory}}\n");
    kernel_ = start({"run", profile_.string()});
    kernel_->wait_for("Answers calls at unix:" + socket().string());
  }
  fs::path socket() const { return path("kernel") / "control.sock"; }

  fs::path profile_;
  std::unique_ptr<Process> kernel_;
};

TEST_F(Control, TellsWhatRuns) {
  Caller caller(socket());
  const json::object answer = caller.call(R"({"id": 7, "method": "status"})");
  EXPECT_EQ(answer.at("id").as_int64(), 7);
  std::set<std::string> running;
  for (const json::value& plugin : answer.at("result").at("plugins").as_array())
    running.insert(std::string(plugin.at("kind").as_string()) + "/" + std::string(plugin.at("name").as_string()));
  EXPECT_THAT(running, testing::IsSupersetOf({"network/os", "transport/loopback", "storage/memory", "crypto/session"}));
}

TEST_F(Control, IsForThisUserOnly) {
  struct stat found {};
  ASSERT_EQ(::stat(socket().c_str(), &found), 0);
  EXPECT_TRUE(S_ISSOCK(found.st_mode));
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(Control, SaysWhatIsWrongWithACallAndGoesOn) {
  Caller caller(socket());
  EXPECT_THAT(error_in(caller.call("{\"id\": 1, ")), HasSubstr("invalid_argument: The call is no JSON object."));
  EXPECT_THAT(error_in(caller.call("")), HasSubstr("no JSON object"));
  EXPECT_THAT(error_in(caller.call("[1, 2]")), HasSubstr("no JSON object"));
  EXPECT_THAT(error_in(caller.call(std::string("\xff\xfe\x00 rubbish", 12))), HasSubstr("no JSON object"));
  EXPECT_THAT(error_in(caller.call(std::string(100'000, '['))), HasSubstr("no JSON object"));
  EXPECT_THAT(error_in(caller.call("{}")), HasSubstr("There is no method \"\""));
  EXPECT_THAT(error_in(caller.call(R"({"method": 5})")), HasSubstr("\"method\" must be a text"));
  EXPECT_THAT(error_in(caller.call(R"({"method": "explode"})")),
              HasSubstr("not_found: There is no method \"explode\". There are status"));
  EXPECT_THAT(error_in(caller.call(R"({"method": "status", "params": 5})")), HasSubstr("\"params\" is no JSON object"));
  EXPECT_THAT(error_in(caller.call(R"({"method": "plugin.swap", "params": {"kind": 1}})")),
              HasSubstr("\"kind\" must be a text"));
  EXPECT_THAT(error_in(caller.call(R"({"method": "plugin.swap", "params": {"options": [1]}})")),
              HasSubstr("\"options\" must be a list of texts"));
  EXPECT_THAT(
      error_in(caller.call(
          R"({"method": "plugin.swap", "params": {"kind": "transport", "from": "loopback", "to": "nowhere"}})")),
      HasSubstr("nowhere"));
  EXPECT_THAT(error_in(caller.call(R"({"method": "stop", "params": {"code": "now"}})")),
              HasSubstr("\"code\" must be a whole number"));
  EXPECT_TRUE(caller.call(R"({"id": "still here", "method": "status"})").contains("result"));
}

TEST_F(Control, RefusesALineThatIsTooLong) {
  Caller caller(socket());
  caller.send(std::string(2 * 1024 * 1024, 'x'));
  EXPECT_THAT(error_in(caller.answer()),
              HasSubstr("resource_exhausted: A line is longer than 1 MiB. Send less at once."));
  EXPECT_EQ(caller.line(), "") << "and closes";
  EXPECT_TRUE(Caller(socket()).call(R"({"method": "status"})").contains("result"));
}

TEST_F(Control, AnswersTwoCallersAtOnceEachItsOwn) {
  Caller one(socket()), two(socket());
  one.send(R"({"id": "half of a call)");
  EXPECT_EQ(two.call(R"({"id": 2, "method": "status"})").at("id").as_int64(), 2);
  EXPECT_EQ(one.call(R"(", "method": "status"})").at("id").as_string(), "half of a call");
  one.send(
      "{\"id\": 1, \"method\": \"status\"}\n{\"id\": 2, \"method\": \"status\"}\n{\"id\": 3, \"method\": "
      "\"status\"}\n");
  for (int id : {1, 2, 3}) EXPECT_EQ(one.answer().at("id").as_int64(), id) << "in the order of the calls";
}

TEST_F(Control, SurvivesCallersThatLeaveInTheMiddle) {
  for (const char* words : {"", "{\"method\": \"sta", "{\"method\": \"status\"}", "{\"method\": \"status\"}\n"})
    for (int i = 0; i < 50; ++i) Caller(socket()).send(words);
  std::string much;
  for (int i = 0; i < 200; ++i) much += "{\"method\": \"status\"}\n";
  for (int i = 0; i < 20; ++i) Caller(socket()).send(much);
  // Those who have left may still have their places for a moment.
  json::object answer;
  do {
    answer = Caller(socket()).call(R"({"method": "status"})");
  } while (error_in(answer).starts_with("resource_exhausted"));
  EXPECT_TRUE(answer.contains("result"));
}

TEST_F(Control, AnswersACallThatEndsWithTheConnection) {
  Caller caller(socket());
  caller.send("{\"method\": \"status\"}\n");
  caller.finish_sending();
  EXPECT_TRUE(caller.answer().contains("result"));
  EXPECT_EQ(caller.line(), "");
}

TEST_F(Control, HasABoundOfCallersAndSaysSo) {
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 16; ++i) {
    callers.push_back(std::make_unique<Caller>(socket()));
    EXPECT_TRUE(callers.back()->call(R"({"method": "status"})").contains("result"));
  }
  Caller late(socket());
  EXPECT_THAT(error_in(late.answer()),
              HasSubstr("resource_exhausted: This kernel has 16 control connections already."));
  EXPECT_EQ(late.line(), "");
  EXPECT_TRUE(callers.front()->call(R"({"method": "status"})").contains("result"));
}

TEST_F(Control, SwapsAPlugin) {
  const Result swapped =
      argot({"plugin", "swap", "transport", "loopback", "loopback", "--data", path("kernel").string()});
  EXPECT_EQ(swapped.code, 0) << swapped.err;
  EXPECT_TRUE(kernel_->wait_for("transport/loopback 1.0.0 was swapped for transport/loopback 1.0.0"));
  EXPECT_TRUE(
      fails_with(argot({"plugin", "swap", "transport", "lopback", "loopback", "--data", path("kernel").string()}),
                 {"lopback", "loopback"}));
}

TEST_F(Control, StopsTheKernelAndAnswersFirst) {
  Caller caller(socket());
  EXPECT_TRUE(caller.call(R"({"method": "stop", "params": {"code": 4}})").at("result").at("stopping").as_bool());
  const Result result = kernel_->finish();
  EXPECT_EQ(result.code, 4);
  EXPECT_THAT(result.err, Not(HasSubstr("left"))) << "nothing is left running";
  EXPECT_FALSE(fs::exists(socket()));
}

TEST_F(Control, EndsWithTheKernelWhoeverIsConnected) {
  Caller idle(socket()), busy(socket());
  busy.send("{\"method\": ");
  kernel_->signal(SIGTERM);
  const Result result = kernel_->finish();
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.err, Not(HasSubstr("left"))) << "nothing is left running";
  EXPECT_EQ(idle.line(), "");
}

TEST_F(Control, IsTakenOverFromAKernelThatWasKilled) {
  kernel_->kill();
  EXPECT_TRUE(fs::exists(socket())) << "nobody was there to remove it";
  EXPECT_TRUE(
      fails_with(argot({"plugin", "swap", "transport", "loopback", "loopback", "--data", path("kernel").string()}),
                 {"Nobody listens at unix:" + socket().string(), "Check that it is running"}));
  kernel_ = start({"run", profile_.string()});
  kernel_->wait_for("Answers calls at ");
  EXPECT_TRUE(Caller(socket()).call(R"({"method": "status"})").contains("result"));
}

}  // namespace
}  // namespace argot::e2e
