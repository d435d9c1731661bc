#include "scene.h"

#include <kernel/messenger/messenger_test.h>

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;

/// Nodes keep real databases: in memory, because what is examined here is not the disk.
fs::path new_folder() {
  std::error_code failure;
  const fs::path memory = "/dev/shm";
  std::string name = (fs::is_directory(memory, failure) && ::access(memory.c_str(), W_OK) == 0
                          ? memory / "argot-sim-XXXXXX"
                          : fs::temp_directory_path() / "argot-sim-XXXXXX")
                         .string();
  return ::mkdtemp(name.data());
}

constexpr int file_server_number = 999;

std::string key_seed(int number) {
  const std::string digits = std::to_string(number);
  return std::string(62 - digits.size(), '1') + "a" + digits + "0";
}

}  // namespace

SimulatedNetwork::SimulatedNetwork(std::uint64_t seed, NetworkOptions options)
    : sim(seed, options.sim), options_(std::move(options)), dir_(new_folder()) {
  std::map<int, std::string> all;
  for (int i = 1; i <= options_.nodes; ++i) all[i] = options_.swarms[std::size_t(i) % options_.swarms.size()];
  list_nodes(std::move(all));
  for (int i = 1; i <= options_.nodes; ++i) start_node(i);
  if (options_.file_server) start_file_server();
}

SimulatedNetwork::~SimulatedNetwork() {
  for (auto& [name, kernel] : kernels_) sim.host(name).kill();
  kernels_.clear();
  if (std::getenv("ARGOT_SIM_KEEP"))
    std::cerr << "kept: " << dir_.string() << "\n";
  else
    fs::remove_all(dir_);
}

std::string SimulatedNetwork::line_of(int number, const std::string& swarm) const {
  const auto keys = make_identity(Secret{ByteView(*from_hex(key_seed(number)))});
  return shard_name(number, options_.workers) + ":22021 " + to_hex(keys->ed25519_public()) + " " + swarm + "\n";
}

void SimulatedNetwork::list_nodes(std::map<int, std::string> swarms) {
  swarms_ = std::move(swarms);
  std::ofstream out(dir_ / "nodes.new");
  for (const auto& [number, swarm] : swarms_) out << line_of(number, swarm);
  out.close();
  fs::rename(dir_ / "nodes.new", dir_ / "nodes.txt");
}

void SimulatedNetwork::start(const std::string& name, const std::string& text, const std::string& folder) {
  Profile profile = Profile::parse("log: " + options_.log + "\nplugins:\n  network: sim\n" + text, name + ".yaml");
  profile.data = dir_ / (folder.empty() ? name : folder);
  auto kernel = std::make_unique<Kernel>(sim.host(name), std::move(profile), built_plugins());
  add_messenger(kernel->host());
  sim.run(sim.host(name), kernel->start());
  kernels_[name] = std::move(kernel);
}

void SimulatedNetwork::start_node(int number) {
  for (int shard = 1; shard <= options_.workers; ++shard) start_shard(number, shard);
}

void SimulatedNetwork::start_shard(int number, int shard) {
  const std::string name = shard_name(number, shard);
  const std::string place = options_.workers == 1
                                ? std::string()
                                : ", shard: " + std::to_string(shard) + "/" + std::to_string(options_.workers) +
                                      ", shards_meet: \"" + node_name(number) + ":22001\"";
  start(name,
        "  app:\n    - {use: session-node, listen: \"" + name + ":22021\", seed_listen: \"" + name +
            ":22020\", rate_limit: false, test_peers: false, key_seed: \"" + key_seed(number) +
            "\", nodes_file: " + (dir_ / "nodes.txt").string() + place + "}\n",
        node_name(number));
}

void SimulatedNetwork::start_file_server() {
  start("files", "  app:\n    - {use: file-server, listen: \"files:8000\", min_free: 0, key_seed: \"" +
                     key_seed(file_server_number) + "\"}\n");
}

void SimulatedNetwork::start_client(const std::string& name) {
  const std::string directory =
      options_.directory == NetworkOptions::Directory::file
          ? "{use: static, file: " + (dir_ / "nodes.txt").string() + "}"
          : "{use: seed, seeds: [\"http://node-1:22020\", \"http://node-2:22020\", \"http://node-3:22020\"]}";
  const auto files = make_identity(Secret{ByteView(*from_hex(key_seed(file_server_number)))});
  const std::string file_server = options_.file_server ? ", file_server: \"http://files:8000\", file_server_key: \"" +
                                                             to_hex(files->ed25519_public()) + "\""
                                                       : std::string();
  start(name, "  directory: " + directory + "\n  transport: {use: swarm, route: " + options_.route + file_server +
                  ", poll_interval: 1s}\n  crypto: [session]\n  storage: memory\n  messenger: {keys: memory}\n");
  if (ids_.contains(name)) return;
  std::string phrase;
  auto m = messenger(name);
  ids_[name] = sim.run(sim.host(name), m->create_account({}, &phrase)).id;
}

void SimulatedNetwork::kill(const std::string& name) {
  sim.host(name).kill();
  kernels_.erase(name);
  sim.host(name).restart();
}

MessageId SimulatedNetwork::send(const std::string& from, const std::string& to, std::string text) {
  return messenger(from)->send(id(from), id(to), std::move(text));
}

std::vector<std::string> SimulatedNetwork::received(const std::string& who, const std::string& from) {
  HistoryQuery query;
  query.limit = 1000;
  if (!from.empty()) query.conversation = id(from);
  std::vector<std::string> out;
  for (const Message& m : messenger(who)->history(id(who), query))
    if (m.direction == Direction::incoming) out.push_back(m.text);
  std::reverse(out.begin(), out.end());
  return out;
}

bool SimulatedNetwork::until_received(const std::string& who, std::size_t count, Duration limit) {
  return sim.step_until([&] { return is_up(who) && received(who).size() >= count; }, limit);
}

std::string SimulatedNetwork::trace(const std::string& who, MessageId message) {
  std::string out;
  for (const TraceStep& step : messenger(who)->trace(id(who), message)) out += step.stage + ": " + step.detail + "\n";
  return out;
}

std::set<std::string> SimulatedNetwork::guards(const std::string& who) {
  std::set<std::string> out;
  for (const PathView& path : kernels_.at(who)->service<Paths>().lease()->paths()) out.insert(path.hops.at(0).host);
  return out;
}

}  // namespace argot::kernel
