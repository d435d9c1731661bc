#include "demo_files.h"

#include <argot/error.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace argot::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view node_text = R"(# Node {0} of the private network. Port 0: any free one, announced in a file.
data: {1}
log: info
plugins:
  network: os
  app:
    - use: session-node
      listen: 127.0.0.1:0
      swarm: "1"
      nodes_file: {2}
      announce_file: {3}
      rate_limit: false
)";

constexpr std::string_view client_text = R"(# A client of the private network.
data: {0}
log: warning
plugins:
  network: os
  directory: {{use: static, file: {1}}}
  transport: {{use: swarm, poll_interval: 200ms}}
  crypto: [session]
  storage: sqlite
)";

void write(const fs::path& path, const std::string& text) {
  const fs::path fresh = path.string() + ".new";
  std::ofstream(fresh) << text;
  std::error_code failure;
  fs::rename(fresh, path, failure);
  if (failure)
    throw Error(Code::permission_denied, "Cannot write " + path.string() + ": " + failure.message() + ".",
                "Choose another folder with --dir, or check the permissions.");
}

}  // namespace

fs::path DemoFiles::usual_dir() {
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  return (data ? fs::path(data) : fs::path(home ? home : ".") / ".local" / "share") / "argot" / "demo";
}

fs::path DemoFiles::node_profile(std::size_t i) const { return dir_ / fmt::format("node-{}.yaml", i); }
fs::path DemoFiles::announcement(std::size_t i) const { return dir_ / fmt::format("node-{}.line", i); }

void DemoFiles::prepare() const {
  std::error_code failure;
  fs::create_directories(dir_, failure);
  if (failure)
    throw Error(Code::permission_denied, "Cannot make the folder " + dir_.string() + ": " + failure.message() + ".",
                "Choose another with --dir.");
  ::chmod(dir_.c_str(), 0700);
  // Held until this process ends, children included: they inherit nothing, so the lock goes with us.
  const int lock = ::open((dir_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0 || ::flock(lock, LOCK_EX | LOCK_NB) != 0)
    throw Error(Code::already_exists, "Another demo uses the folder " + dir_.string() + ".",
                "End it, or choose another folder with --dir.");
  const fs::path nodes = dir_ / "nodes.txt";
  fs::remove(nodes, failure);
  write(nodes, "");
  for (std::size_t i = 1; i <= nodes_; ++i) {
    fs::remove(announcement(i), failure);
    write(node_profile(i), fmt::format(node_text, i, (dir_ / fmt::format("node-{}", i)).string(), nodes.string(),
                                       announcement(i).string()));
  }
  for (const char* name : {"you", "echo"})
    write(client_profile(name), fmt::format(client_text, (dir_ / name).string(), nodes.string()));
}

bool DemoFiles::gather_nodes() const {
  std::string all;
  for (std::size_t i = 1; i <= nodes_; ++i) {
    std::ifstream in(announcement(i));
    std::string line;
    if (!std::getline(in, line) || line.empty()) return false;
    all += line + "\n";
  }
  write(dir_ / "nodes.txt", all);
  return true;
}

}  // namespace argot::cli
