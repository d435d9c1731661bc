#include "devnet.h"

#include "process.h"

#include <argot/error.h>
#include <fmt/format.h>

#include <signal.h>

#include <fstream>
#include <set>

namespace argot::cli {
namespace {

namespace fs = std::filesystem;

/// Whether this process is one of ours: a number may belong to another program by now.
bool runs_node(pid_t pid, const fs::path& profile) {
  std::ifstream in(fmt::format("/proc/{}/cmdline", pid));
  const std::string arguments{std::istreambuf_iterator<char>(in), {}};
  return arguments.find(profile.string() + '\0') != std::string::npos;
}

}  // namespace

Devnet::Devnet(fs::path dir) : network_(std::move(dir)) { network_.take(); }

fs::path Devnet::pid_file(std::size_t node) const { return network_.dir() / fmt::format("node-{}.pid", node); }

std::optional<pid_t> Devnet::process(std::size_t node) const {
  pid_t pid = 0;
  std::ifstream in(pid_file(node));
  if (!(in >> pid) || pid <= 1 || !runs_node(pid, network_.node_profile(node))) return std::nullopt;
  return pid;
}

std::vector<Devnet::Node> Devnet::nodes() const {
  std::vector<Node> all;
  for (std::size_t node : network_.all_nodes()) all.push_back({node, network_.line(node), process(node)});
  return all;
}

void Devnet::up(std::optional<LocalNetwork::Plan> plan, bool in_process, double patience) {
  if (network_.exists())
    for (const Node& node : nodes())
      if (node.pid)
        throw Error(Code::already_exists, "A local network runs in " + network_.dir().string() + " already.",
                    "See: argot devnet status. Stop it with: argot devnet down");
  network_.prepare(plan ? *plan : network_.plan());
  const auto all = network_.all_nodes();
  if (in_process)
    start_all_in_one();
  else
    for (std::size_t node : all) start(node);
  start_file_server();
  wait_for(all, patience);
  for (double waited = 0; network_.file_server().empty(); waited += 0.02) {
    if (!file_server() || waited > patience)
      throw Error(Code::unavailable, "The file server did not start: " + last_words(network_.log("file-server")),
                  "See " + network_.log("file-server").string() + ". The nodes still run: argot devnet down");
    pause_ms(20);
  }
}

std::optional<pid_t> Devnet::file_server() const {
  pid_t pid = 0;
  std::ifstream in(file_server_pid());
  if (!(in >> pid) || pid <= 1 || !runs_node(pid, network_.file_server_profile())) return std::nullopt;
  return pid;
}

void Devnet::start_file_server() {
  network_.forget_file_server();
  const pid_t pid = start_process("the file server", {"run", network_.file_server_profile().string()},
                                  network_.log("file-server"), Lives::alone);
  std::ofstream(file_server_pid()) << pid << '\n';
}

void Devnet::start(std::size_t node) {
  network_.forget_announcement(node);
  const pid_t pid = start_process(fmt::format("node {}", node), {"run", network_.node_profile(node).string()},
                                  network_.node_log(node), Lives::alone);
  std::ofstream(pid_file(node)) << pid << '\n';
}

void Devnet::start_all_in_one() {
  std::vector<std::string> arguments{"run"};
  for (std::size_t node : network_.all_nodes()) arguments.push_back(network_.node_profile(node).string());
  const pid_t pid = start_process("the nodes", arguments, network_.log("nodes"), Lives::alone);
  for (std::size_t node : network_.all_nodes()) {
    std::ofstream(pid_file(node)) << pid << '\n';
    std::error_code none;
    fs::remove(network_.node_log(node), none);
    fs::create_symlink(network_.log("nodes").filename(), network_.node_log(node), none);
  }
}

void Devnet::wait_for(const std::vector<std::size_t>& nodes, double patience) const {
  for (double waited = 0; !network_.gather_nodes(nodes); waited += 0.02) {
    for (std::size_t node : nodes)
      if (!process(node))
        throw Error(Code::unavailable,
                    fmt::format("Node {} has ended. Its last words: {}", node, last_words(network_.node_log(node))),
                    "See " + network_.node_log(node).string() + ". The others still run: argot devnet down");
    if (waited > patience)
      throw Error(Code::timeout, "The service nodes did not start in time.",
                  "See the logs in " + network_.dir().string() + ", or give them longer with --patience.");
    pause_ms(20);
  }
}

void Devnet::check(std::size_t node) const {
  const std::size_t count = network_.plan().nodes;
  if (node < 1 || node > count)
    throw Error(Code::not_found, fmt::format("There is no node {}; this network has nodes 1 to {}.", node, count),
                "See: argot devnet status");
}

std::size_t Devnet::stop(const std::vector<std::size_t>& nodes, int signal) {
  std::size_t ran = 0;
  std::set<pid_t> asked;
  for (std::size_t node : nodes)
    if (const auto pid = process(node)) {
      ++ran;
      if (asked.insert(*pid).second) ::kill(*pid, signal);
    }
  const auto still = [&] {
    for (std::size_t node : nodes)
      if (process(node)) return true;
    return false;
  };
  for (int waited = 0; still() && waited < 5000; waited += 10) pause_ms(10);
  for (std::size_t node : nodes) {
    if (const auto pid = process(node)) ::kill(*pid, SIGKILL);
    std::error_code none;
    fs::remove(pid_file(node), none);
  }
  return ran;
}

void Devnet::kill(std::size_t node) {
  check(node);
  const auto pid = process(node);
  if (!pid)
    throw Error(Code::not_found, fmt::format("Node {} does not run.", node),
                fmt::format("Start it with: argot devnet restart {}", node));
  for (const Node& other : nodes())
    if (other.number != node && other.pid == pid)
      throw Error(Code::invalid_argument, "All nodes of this network share one process, so one cannot be killed alone.",
                  "Start the network without --in-process.");
  stop({node}, SIGKILL);
}

void Devnet::restart(std::size_t node, double patience) {
  check(node);
  if (process(node)) {
    for (const Node& other : nodes())
      if (other.number != node && other.pid == process(node))
        throw Error(Code::invalid_argument,
                    "All nodes of this network share one process, so one cannot be restarted alone.",
                    "Start the network without --in-process.");
    stop({node}, SIGTERM);
  }
  start(node);
  wait_for({node}, patience);
}

std::size_t Devnet::add(double patience) {
  const std::size_t node = network_.add_node();
  start(node);
  wait_for({node}, patience);
  return node;
}

std::size_t Devnet::down() {
  if (const auto pid = file_server()) ::kill(*pid, SIGTERM);
  const std::size_t ran = stop(network_.all_nodes(), SIGTERM);
  for (int waited = 0; file_server() && waited < 5000; waited += 10) pause_ms(10);
  if (const auto pid = file_server()) ::kill(*pid, SIGKILL);
  std::error_code none;
  fs::remove(file_server_pid(), none);
  return ran;
}

}  // namespace argot::cli
