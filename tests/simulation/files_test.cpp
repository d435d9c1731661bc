// Files through a whole network: to a file server behind onions and from there, in virtual time.
#include "scene.h"

#include <gtest/gtest.h>

#include <fstream>

#include <unistd.h>

namespace argot::kernel {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct FilesNetwork : SimulatedNetwork {
  FilesNetwork(std::uint64_t seed, std::string route, double loss = 0) : SimulatedNetwork(seed, options(route, loss)) {
    for (const char* who : {"alice", "bob"}) start_client(who);
    std::string name = (fs::temp_directory_path() / "argot-simfiles-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~FilesNetwork() { fs::remove_all(folder); }
  static NetworkOptions options(std::string route, double loss) {
    NetworkOptions out;
    out.route = std::move(route);
    out.file_server = true;
    out.sim.link.latency = 10ms;
    out.sim.link.loss = loss;
    return out;
  }
  MessageId send_file(const std::string& bytes) {
    Draft draft("with a file");
    DraftFile& file = draft.files.emplace_back();
    file.name = "file.bin";
    file.data = to_bytes(view(bytes));
    return messenger("alice")->send(id("alice"), id("bob"), std::move(draft));
  }
  Message last_of_bob() {
    HistoryQuery query;
    query.limit = 1;
    return messenger("bob")->history(id("bob"), query).at(0);
  }
  std::string download() {
    auto m = messenger("bob");
    const fs::path to = folder / "got";
    sim.run(host("bob"), m->download(id("bob"), last_of_bob().id, 0, to));
    std::ifstream in(to, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path folder;
};

std::string bytes_of(std::size_t size) {
  std::string out(size, 0);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 131 + i / 1000);
  return out;
}

TEST(FilesNetwork, CarriesAFileThroughOnionsThereAndBack) {
  FilesNetwork net(1, "onion");
  const std::string bytes = bytes_of(1'500'000);
  std::size_t steps = 0;
  bool risen = true;
  std::uint64_t last = 0;
  auto listening = net.messenger("alice")->subscribe([&](const Event& e) {
    if (e.kind != Event::Kind::file_moved) return;
    ++steps;
    risen &= e.transfer.upload && e.transfer.done >= last && e.transfer.done <= e.transfer.total;
    last = e.transfer.done;
  });
  const MessageId sent = net.send_file(bytes);
  ASSERT_TRUE(net.until_received("bob", 1));
  EXPECT_GT(steps, 5u);
  EXPECT_TRUE(risen);
  EXPECT_NE(net.trace("alice", sent).find("uploaded: file 1 of 1 to files"), std::string::npos)
      << net.trace("alice", sent);
  EXPECT_NE(net.last_of_bob().attachments.at(0).url.find("http://files:8000/file/"), std::string::npos);
  EXPECT_NE(net.last_of_bob().attachments.at(0).url.find("#p="), std::string::npos);
  EXPECT_EQ(net.download(), bytes);
  net.sim.check_no_real_io();
}

TEST(FilesNetwork, CarriesTheLargestFileThereIs) {
  FilesNetwork net(2, "onion");
  const std::string bytes = bytes_of(10'000'000);
  net.send_file(bytes);
  ASSERT_TRUE(net.until_received("bob", 1));
  EXPECT_TRUE(net.download() == bytes);
}

TEST(FilesNetwork, GoesOnWhenThePowerWasOffDuringTheUpload) {
  FilesNetwork net(3, "onion", 0.01);
  const std::string bytes = bytes_of(300'000);
  net.send_file(bytes);
  net.sim.step_for(300ms);
  net.kill("alice");
  net.start_client("alice");
  ASSERT_TRUE(net.until_received("bob", 1));
  EXPECT_TRUE(net.download() == bytes);
}

TEST(FilesNetwork, WaitsForAServerThatIsAway) {
  FilesNetwork net(4, "onion");
  net.kill("files");
  net.send_file("hello");
  EXPECT_FALSE(net.until_received("bob", 1, 2min));
  net.start_file_server();
  ASSERT_TRUE(net.until_received("bob", 1));
  EXPECT_EQ(net.download(), "hello");
}

TEST(FilesNetwork, GoesStraightWhenThatIsTheRoute) {
  FilesNetwork net(5, "direct");
  const std::string bytes = bytes_of(300'000);
  net.send_file(bytes);
  ASSERT_TRUE(net.until_received("bob", 1));
  EXPECT_EQ(net.download(), bytes);
}

}  // namespace
}  // namespace argot::kernel
