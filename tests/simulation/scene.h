// A whole network in one process: service nodes and clients, each a kernel of its own on a host of its own, with the
// plugins that run live; TLS and HTTP between them, under a virtual clock.
#pragma once
#include <kernel/host/kernel.h>
#include <kernel/world/sim.h>

#include <argot/messenger.h>
#include <argot/paths.h>

#include <filesystem>
#include <set>

namespace argot::kernel {

struct NetworkOptions {
  int nodes = 9;
  /// Ids in hex. Nodes are put into them in turn.
  std::vector<std::string> swarms = {"3fffffffffffffff", "bfffffffffffffff"};
  std::string route = "onion";
  /// Kernels of each node. With more than one, everybody who asks a node asks its last one, "node-3.2", which keeps no
  /// messages.
  int workers = 1;
  /// How clients learn of nodes: from the file that nodes read too, or by asking nodes 1 to 3 as seeds.
  enum class Directory { file, seeds } directory = Directory::file;
  bool file_server = false;  ///< one more host, "files", which clients upload to
  std::string log = "info";  ///< level, for whoever listens to sim.on_log()
  SimOptions sim = {};
};

/// Names are those of hosts: "node-3", "alice".
class SimulatedNetwork {
 public:
  SimulatedNetwork(std::uint64_t seed, NetworkOptions options);
  ~SimulatedNetwork();

  // --- nodes ---
  static std::string node_name(int number) { return "node-" + std::to_string(number); }
  static std::string shard_name(int number, int shard) {
    return shard == 1 ? node_name(number) : node_name(number) + "." + std::to_string(shard);
  }
  void start_node(int number);
  void start_shard(int number, int shard);
  void start_file_server();
  bool is_up(const std::string& name) const { return kernels_.contains(name); }
  /// Who is in which swarm, by number; a node that is not named is in no list. Nodes see it within a second, clients
  /// when they ask again.
  void list_nodes(std::map<int, std::string> swarms);
  const std::map<int, std::string>& swarms() const { return swarms_; }

  // --- clients ---
  /// Starts it, or starts it again; an account is made the first time.
  void start_client(const std::string& name);
  const AccountId& id(const std::string& name) const { return ids_.at(name); }
  SimHost& host(const std::string& name) { return sim.host(name); }
  Lease<Messenger> messenger(const std::string& name) { return kernels_.at(name)->service<Messenger>().lease(); }
  MessageId send(const std::string& from, const std::string& to, std::string text);
  /// Incoming texts in the order in which a person sees them; of everybody, or of one peer.
  std::vector<std::string> received(const std::string& who, const std::string& from = {});
  /// False when they are fewer after `limit`.
  bool until_received(const std::string& who, std::size_t count, Duration limit = std::chrono::minutes(30));
  std::string trace(const std::string& who, MessageId message);
  /// The first hops of a client's paths.
  std::set<std::string> guards(const std::string& who);

  /// The power goes off. What is on its disk stays; start it again with one of the above.
  void kill(const std::string& name);

  SimWorld sim;

 private:
  std::string line_of(int number, const std::string& swarm) const;
  void start(const std::string& name, const std::string& text, const std::string& folder = {});

  const NetworkOptions options_;
  std::filesystem::path dir_;
  std::map<int, std::string> swarms_;
  std::map<std::string, std::unique_ptr<Kernel>> kernels_;
  std::map<std::string, AccountId> ids_;
};

}  // namespace argot::kernel
