// Files between two people, as they send them: real processes, three hops, a file server behind them.
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

#include <signal.h>
#include <unistd.h>

#include "scene.h"

namespace argot::e2e {
namespace {

using testing::HasSubstr;

class Files : public Scene {
 protected:
  Files() {
    EXPECT_EQ(argot({"devnet", "--dir", path("net").string(), "up", "--nodes", "9", "--seed-port", "0"}).code, 0);
    fs::create_symlink(path("net") / "nodes.txt", path("nodes.txt"));
    start_server();
    std::string address = read(path("announced"));
    const auto mark = address.find("#p=");
    const std::string url = address.substr(0, mark), key = address.substr(mark + 3, 64);
    for (const char* who : {"alice", "bob"}) {
      make_account(who);
      write(std::string(who) + ".yaml",
            "data: " + path(who).string() +
                "\nlog: warning\nplugins:\n  network: os\n  directory: {use: static, file: " +
                path("nodes.txt").string() + "}\n  transport: {use: swarm, route: onion, poll_interval: 200ms, " +
                "file_server: \"" + url + "\", file_server_key: " + key +
                "}\n  crypto: [session]\n  storage: sqlite\n" + "  media: [image, video, voice, file]\n");
    }
  }
  ~Files() override { argot({"devnet", "--dir", path("net").string(), "down"}); }

  void start_server() {
    write("files.yaml",
          "data: " + path("files").string() +
              "\nplugins:\n  network: os\n  app: {use: file-server, listen: \"127.0.0.1:0\", min_free: 0, "
              "announce_file: " +
              path("announced").string() + "}\n");
    server_ = start({"run", path("files.yaml").string()});
    for (int i = 0; i < 300 && !fs::exists(path("announced")); ++i) ::usleep(50'000);
    ASSERT_TRUE(fs::exists(path("announced")));
  }
  std::vector<std::string> numbers_of_bob() {
    std::vector<std::string> out;
    std::istringstream in(as("bob", {"--json", "history"}).out);
    for (std::string line; std::getline(in, line);)
      out.push_back(std::to_string(boost::json::parse(line).at("id").as_int64()));
    return out;
  }
  std::string broken_photo(std::string photo) {
    write("broken.jpg", photo.substr(0, 120));
    return path("broken.jpg").string();
  }
  /// The number of Bob's newest message, once he has `count`.
  std::string newest_of_bob(std::size_t count) {
    for (int i = 0; i < 60; ++i) {
      const Result shown = as("bob", {"--json", "history"});
      std::vector<std::string> lines;
      std::istringstream in(shown.out);
      for (std::string line; std::getline(in, line);) lines.push_back(line);
      if (lines.size() >= count) return std::to_string(boost::json::parse(lines.back()).at("id").as_int64());
      ::usleep(100'000);
    }
    ADD_FAILURE() << "Bob has received nothing";
    return "0";
  }
  std::unique_ptr<Process> server_;
};

TEST_F(Files, GoThroughThreeHopsAndComeOutAsTheyWere) {
  std::string large(3'000'000, 0);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 + i / 1000);
  write("holiday.bin", large);
  write("note.txt", "small");
  const Result sent = as("alice", {"--json", "send", id("bob"), "two files", "--file", path("holiday.bin").string(),
                                   "--file", path("note.txt").string()});
  ASSERT_EQ(sent.code, 0) << sent.err;
  EXPECT_THAT(sent.out, HasSubstr("\"transfer\":\"upload\""));
  EXPECT_THAT(sent.out, HasSubstr("\"name\":\"holiday.bin\""));

  auto watching = start_as("bob", {"watch"});
  watching->wait_for("two files");
  watching->signal(SIGTERM);
  watching->finish();
  const std::string message = newest_of_bob(1);
  fs::create_directory(path("got"));
  const Result first = as("bob", {"download", message, "--to", path("got").string()});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_TRUE(read(path("got") / "holiday.bin") == large);
  const Result second = as("bob", {"download", message, "2", "--to", path("got/other").string()});
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(read(path("got") / "other"), "small");

  EXPECT_TRUE(fails_with(as("bob", {"download", message, "--to", path("got").string()}), {"cannot be written"}));
  EXPECT_TRUE(fails_with(as("bob", {"download", message, "3"}), {"has 2 file(s)"}));
  EXPECT_TRUE(fails_with(as("alice", {"send", id("bob"), "--file", path("none").string()}), {"there is no such file"}));
}

TEST_F(Files, OfACameraLeaveWithoutItsNameAndPlaceUnlessSentAsTheyAre) {
  // A corpus file's first byte is the fuzz target's own. The picture has Exif, with a position; a second one is put in.
  std::string photo =
      read(fs::path(std::getenv("ARGOT_SOURCE_DIR")) / "tests/corpus/fuzz_media_image/jpeg-bare").substr(1);
  ASSERT_THAT(photo, HasSubstr("Exif"));
  const std::string place =
      std::string("http://ns.adobe.com/xap/1.0/") + '\0' + "<exif:GPSLatitude>52,31.2N</exif:GPSLatitude>";
  const std::size_t length = place.size() + 2;
  photo.insert(2, std::string("\xff\xe1") + char(length >> 8) + char(length & 0xff) + place);
  write("cat.jpg", photo);
  ASSERT_EQ(as("alice", {"send", id("bob"), "--file", path("cat.jpg").string()}).code, 0);
  ASSERT_EQ(as("alice", {"send", id("bob"), "--as-is", "--file", path("cat.jpg").string()}).code, 0);
  const Result broken = as("alice", {"--json", "send", id("bob"), "--file", broken_photo(photo)});
  EXPECT_EQ(broken.code, 1) << broken.out;
  EXPECT_THAT(broken.out, HasSubstr("cannot be made fit to send"));

  for (int i = 0; i < 60 && numbers_of_bob().size() < 2; ++i) {
    auto watching = start_as("bob", {"watch"});
    ::usleep(500'000);
    watching->signal(SIGTERM);
    watching->finish();
  }
  const std::vector<std::string> messages = numbers_of_bob();
  ASSERT_EQ(messages.size(), 2u);
  ASSERT_EQ(as("bob", {"download", messages[0], "--to", path("clean").string()}).code, 0);
  ASSERT_EQ(as("bob", {"download", messages[1], "--to", path("whole").string()}).code, 0);
  EXPECT_TRUE(read(path("whole")) == photo);
  const std::string clean = read(path("clean"));
  EXPECT_EQ(clean.substr(0, 2), "\xff\xd8");
  EXPECT_GT(clean.size(), 200u);
  for (const char* secret : {"Exif", "GPS", "52,31", "adobe"})
    EXPECT_EQ(clean.find(secret), std::string::npos) << secret;
}

TEST_F(Files, WaitForTheServerAndGoOnInAnotherProcess) {
  server_->kill();
  write("late.txt", "better late");
  const Result waiting = as("alice", {"send", id("bob"), "late", "--file", path("late.txt").string(), "--wait", "2"});
  EXPECT_EQ(waiting.code, 3) << waiting.out << waiting.err;
  const std::string address = read(path("announced"));
  const auto colon = address.rfind(':', address.find('#'));
  const std::string port = address.substr(colon + 1, address.find('#') - colon - 1);
  write("files.yaml", "data: " + path("files").string() +
                          "\nplugins:\n  network: os\n  app: {use: file-server, listen: \"127.0.0.1:" + port +
                          "\", min_free: 0}\n");
  server_ = start({"run", path("files.yaml").string()});
  auto alice = start_as("alice", {"watch"});
  auto bob = start_as("bob", {"watch"});
  bob->wait_for("late");
  bob->signal(SIGTERM);
  bob->finish();
  alice->signal(SIGTERM);
  alice->finish();
  const Result got = as("bob", {"download", newest_of_bob(1), "--to", path("late.got").string()});
  ASSERT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(read(path("late.got")), "better late");
}

}  // namespace
}  // namespace argot::e2e
