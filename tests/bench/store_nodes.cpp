#include "store_nodes.h"

#include "https.h"
#include "servers.h"

#include <argot/error.h>
#include <argot/identity.h>
#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

namespace argot::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  out.sin_port = htons(port);
  return out;
}

/// A port that nobody has at this moment.
std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!bound) throw Error(Code::resource_exhausted, "The benchmark finds no free port for a node.");
  return ntohs(address.sin_port);
}

}  // namespace

NodeProcesses::NodeProcesses(int count, const std::function<void(const fs::path&)>& seed_database) {
  std::signal(SIGPIPE, SIG_IGN);
  const fs::path disk = std::getenv("TMPDIR") ? fs::temp_directory_path() : fs::path("/var/tmp");
  std::string folder = (disk / "argot-bench-XXXXXX").string();
  if (!::mkdtemp(folder.data()))
    throw Error(Code::permission_denied, "No folder can be made for the benchmark's nodes.",
                "Set TMPDIR to a place on a disk that can be written.");
  folder_ = folder;
  std::vector<std::string> seeds;
  std::string nodes;
  for (int i = 0; i < count; ++i) {
    ports_.push_back(free_port());
    unsigned char seed[32], secret[64];
    Fixed<32> key;
    randombytes_buf(seed, sizeof seed);
    crypto_sign_seed_keypair(key.data(), secret, seed);
    seeds.push_back(to_hex(ByteView(seed, sizeof seed)));
    nodes += "127.0.0.1:" + std::to_string(ports_.back()) + " " + to_hex(key) + " 1\n";
  }
  std::ofstream(folder_ / "nodes.txt") << nodes;
  for (int i = 0; i < count; ++i) {
    const fs::path data = folder_ / ("node" + std::to_string(i)), profile = data.string() + ".yaml";
    if (seed_database) {
      const fs::path place = data / "app" / "session-node";
      fs::create_directories(place);
      seed_database(place / "messages.db");
    }
    std::ofstream(profile) << "data: " << data.string()
                           << "\nlog: error\nplugins:\n  network: os\n  app:\n    use: session-node\n"
                              "    rate_limit: false\n    test_peers: false\n    listen: 127.0.0.1:"
                           << ports_[static_cast<std::size_t>(i)]
                           << "\n    key_seed: " << seeds[static_cast<std::size_t>(i)]
                           << "\n    nodes_file: " << (folder_ / "nodes.txt").string() << "\n";
    const std::vector<std::string> command{(program_dir() / "argot").string(), "run", profile.string()};
    children_.push_back(std::make_unique<Child>(command, (folder_ / "errors").string()));
  }
  for (std::uint16_t port : ports_) {
    for (int tries = 0;; ++tries) try {
        HttpsClient probe(port);
        break;
      } catch (const Error& error) {
        if (tries == 2000) throw Error(Code::internal, std::string("A node did not start: ") + error.what());
        ::usleep(5'000);
      }
  }
}

NodeProcesses::~NodeProcesses() {
  children_.clear();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

double NodeProcesses::cpu_us() const {
  double out = 0;
  for (const auto& child : children_) out += bench::cpu_us(child->id());
  return out;
}

LoadResult load(const NodeProcesses& nodes, int clients, int requests, const RequestMaker& make,
                const std::string& expected) {
  std::vector<HttpsClient> connections;
  for (int i = 0; i < clients; ++i)
    connections.emplace_back(nodes.ports()[static_cast<std::size_t>(i) % nodes.ports().size()]);
  // The nodes' links to each other, and everything that is made at first use.
  for (int i = 0; i < clients; ++i)
    connections[static_cast<std::size_t>(i)].ask(post_request("/storage_rpc/v1", make(i, -1)));

  std::atomic<int> next{0};
  std::vector<std::vector<double>> times(static_cast<std::size_t>(clients));
  std::mutex mutex;
  std::string failure;
  const double before = nodes.cpu_us();
  const auto began = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < clients; ++i)
      threads.emplace_back([&, i] {
        HttpsClient& client = connections[static_cast<std::size_t>(i)];
        try {
          for (int n; (n = next++) < requests;) {
            const std::string request = post_request("/storage_rpc/v1", make(i, n));
            const auto asked = Clock::now();
            const std::string_view answer = client.ask(request);
            times[static_cast<std::size_t>(i)].push_back(
                std::chrono::duration<double, std::milli>(Clock::now() - asked).count());
            if (answer.find(expected) == answer.npos || answer.find("\"failed\"") != answer.npos)
              throw Error(Code::internal, "A node of the benchmark answers " + std::string(answer.substr(0, 2000)));
          }
        } catch (const Error& error) {
          const std::lock_guard lock(mutex);
          failure = error.sentence();
          next = requests;
        }
      });
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  const double cpu = nodes.cpu_us() - before;
  if (!failure.empty()) throw Error(Code::internal, failure);
  std::vector<double> all;
  for (const auto& each : times) all.insert(all.end(), each.begin(), each.end());
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    return all.empty() ? 0 : all[static_cast<std::size_t>(share * double(all.size() - 1))];
  };
  return {cpu / requests, requests / seconds, at(0.5), at(0.99)};
}

}  // namespace argot::bench
