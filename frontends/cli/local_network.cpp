#include "local_network.h"

#include <argot/error.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace argot::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view node_text = R"(# Node {0} of the private network.
data: {1}
log: info
plugins:
  network: os
  app:
    - use: session-node
      listen: 127.0.{0}.1:{2}
      nodes_file: {3}
      announce_file: {4}
      rate_limit: false
)";

constexpr std::string_view file_server_text = R"(# The file server of the private network.
data: {0}
log: info
plugins:
  network: os
  app: {{use: file-server, listen: "127.0.0.1:{1}", announce_file: {2}, min_free: 64MiB}}
)";

constexpr std::string_view client_text = R"(# A client of the private network.
data: {0}
log: warning
plugins:
  network: os
  directory: {{use: static, file: {1}}}
  transport: {{use: swarm, route: {2}, poll_interval: 200ms{3}}}
  crypto: [session]
  storage: sqlite
  media: [image, video, voice, file]
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

LocalNetwork::~LocalNetwork() {
  if (lock_ >= 0) ::close(lock_);
}

fs::path LocalNetwork::usual_dir(const std::string& name) {
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  return (data ? fs::path(data) : fs::path(home ? home : ".") / ".local" / "share") / "argot" / name;
}

fs::path LocalNetwork::node_profile(std::size_t i) const { return dir_ / fmt::format("node-{}.yaml", i); }
fs::path LocalNetwork::node_log(std::size_t i) const { return dir_ / fmt::format("node-{}.log", i); }
fs::path LocalNetwork::announcement(std::size_t i) const { return dir_ / fmt::format("node-{}.line", i); }

void LocalNetwork::take() {
  std::error_code failure;
  fs::create_directories(dir_, failure);
  if (failure)
    throw Error(Code::permission_denied, "Cannot make the folder " + dir_.string() + ": " + failure.message() + ".",
                "Choose another with --dir.");
  ::chmod(dir_.c_str(), 0700);
  // Children inherit nothing, so the lock goes with us.
  lock_ = ::open((dir_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0 || ::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    throw Error(Code::already_exists, "Another process of argot uses the folder " + dir_.string() + ".",
                "End it, or choose another folder with --dir.");
}

void LocalNetwork::prepare(const Plan& plan) {
  std::error_code failure;
  write(nodes_file(), "");
  for (std::size_t i = 1; i <= plan.nodes; ++i) {
    fs::remove(announcement(i), failure);
    write_node(i, plan);
  }
  forget_file_server();
  write(file_server_profile(),
        fmt::format(file_server_text, (dir_ / "file-server").string(), plan.file_port, file_server_line().string()));
  write_plan(plan);
}

void LocalNetwork::forget_file_server() const {
  std::error_code failure;
  fs::remove(file_server_line(), failure);
}

std::string LocalNetwork::file_server() const {
  std::ifstream in(file_server_line());
  std::string address;
  in >> address;
  return address.size() > 67 && address[address.size() - 67] == '#' ? address : std::string();
}

void LocalNetwork::write_node(std::size_t i, const Plan& plan) const {
  std::string text = fmt::format(node_text, i, (dir_ / fmt::format("node-{}", i)).string(), plan.port,
                                 nodes_file().string(), announcement(i).string());
  if (i == 1 && plan.seed_port != 0) text += fmt::format("      seed_listen: 127.0.0.1:{}\n", plan.seed_port);
  write(node_profile(i), text);
}

void LocalNetwork::write_plan(const Plan& plan) const {
  write(dir_ / "plan",
        fmt::format("{} {} {} {} {}\n", plan.nodes, plan.port, plan.seed_port, plan.swarms, plan.file_port));
}

LocalNetwork::Plan LocalNetwork::plan() const {
  Plan plan;
  std::ifstream in(dir_ / "plan");
  if (!(in >> plan.nodes >> plan.port >> plan.seed_port >> plan.swarms) || plan.nodes < 1 || plan.nodes > 250)
    throw Error(Code::not_found, "There is no local network in " + dir_.string() + ".",
                "Start one with: argot devnet up");
  if (!(in >> plan.file_port)) plan.file_port = 0;  // a network of an earlier version
  return plan;
}

std::size_t LocalNetwork::add_node() {
  Plan grown = plan();
  if (grown.nodes == 250)
    throw Error(Code::resource_exhausted, "A local network has at most 250 nodes.", "Start a second one with --dir.");
  ++grown.nodes;
  write_node(grown.nodes, grown);
  write_plan(grown);
  return grown.nodes;
}

void LocalNetwork::add_client(const std::string& name) const {
  const char* route = plan().nodes < fewest_for_onions ? "direct" : "onion";
  std::string files;
  if (const std::string server = file_server(); !server.empty())
    files = fmt::format(", file_server: \"{}\", file_server_key: {}", server.substr(0, server.size() - 67),
                        server.substr(server.size() - 64));
  write(client_profile(name),
        fmt::format(client_text, client_data(name).string(), nodes_file().string(), route, files));
}

std::vector<std::size_t> LocalNetwork::all_nodes() const {
  std::vector<std::size_t> all;
  for (std::size_t i = 1, count = plan().nodes; i <= count; ++i) all.push_back(i);
  return all;
}

std::string LocalNetwork::line(std::size_t node) const {
  std::ifstream in(announcement(node));
  std::string address, key;
  if (!(in >> address >> key)) return {};
  const std::size_t swarms = plan().swarms;
  // Evenly over the space of swarm ids, all ones left out: that one means "none".
  const std::string swarm =
      swarms == 0 ? "auto" : fmt::format("{:x}", (node - 1) % swarms * (~std::uint64_t{0} / swarms));
  return fmt::format("{} {} {}", address, key, swarm);
}

void LocalNetwork::forget_announcement(std::size_t node) const {
  std::error_code failure;
  fs::remove(announcement(node), failure);
}

bool LocalNetwork::gather_nodes(const std::vector<std::size_t>& wanted) const {
  for (std::size_t node : wanted)
    if (line(node).empty()) return false;
  std::string all;
  for (std::size_t node : all_nodes())
    if (const std::string text = line(node); !text.empty()) all += text + "\n";
  write(nodes_file(), all);
  return true;
}

}  // namespace argot::cli
