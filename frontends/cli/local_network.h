#pragma once
// The folder of a network on this machine: profiles, what nodes and the file server announce, accounts, logs. Made by
// the first run, used again by the next. Node i is on 127.0.i.1: all of them loopback, each in a /24 of its own, as
// paths want it.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace argot::cli {

class LocalNetwork {
 public:
  /// With fewer, clients speak to nodes directly (network/registry.md section 10).
  static constexpr std::size_t fewest_for_onions = 9;

  struct Plan {
    std::size_t nodes = 14;       ///< 1 to 250
    std::uint16_t port = 0;       ///< of every node; 0: any that is free, another at each start
    std::uint16_t seed_port = 0;  ///< where node 1 answers as a seed over plain HTTP, on 127.0.0.1; 0: it does not
    std::size_t swarms = 0;       ///< 0: as many as the chain's rule makes of the nodes
    std::uint16_t file_port = 0;  ///< of the file server, on 127.0.0.1; 0: any that is free, another at each start
  };
  explicit LocalNetwork(std::filesystem::path dir) : dir_(std::move(dir)) {}
  ~LocalNetwork();
  LocalNetwork(const LocalNetwork&) = delete;
  /// $XDG_DATA_HOME/argot/NAME or ~/.local/share/argot/NAME.
  static std::filesystem::path usual_dir(const std::string& name);

  const std::filesystem::path& dir() const { return dir_; }
  std::filesystem::path node_profile(std::size_t i) const;
  std::filesystem::path client_profile(const std::string& name) const { return dir_ / (name + ".yaml"); }
  std::filesystem::path client_data(const std::string& name) const { return dir_ / name; }
  std::filesystem::path log(const std::string& name) const { return dir_ / (name + ".log"); }
  std::filesystem::path node_log(std::size_t i) const;
  std::filesystem::path file_server_profile() const { return dir_ / "file-server.yaml"; }
  /// The address and key of the file server, once it has announced them: "http://127.0.0.1:8000#p=<64 hex>". Empty:
  /// not yet.
  std::string file_server() const;
  std::filesystem::path nodes_file() const { return dir_ / "nodes.txt"; }

  /// Makes the folder and holds it for this process, so that no other one changes it. Throws Error(already_exists)
  /// while another does, Error(permission_denied) when it cannot be written.
  void take();
  /// Whether there is a network in the folder.
  bool exists() const { return std::filesystem::exists(dir_ / "plan"); }
  /// Writes the profiles of the nodes; what they announced in an earlier run goes.
  void prepare(const Plan& plan);
  /// The plan of the network that is there. Throws Error(not_found) when there is none.
  Plan plan() const;
  /// One node more; gives its number.
  std::size_t add_node();
  /// Writes a client's profile for this network; once the file server has announced itself, with it.
  void add_client(const std::string& name) const;

  /// Once every node of `wanted` has announced itself: writes the list that nodes and clients read, of all nodes that
  /// ever did. False while one is missing.
  bool gather_nodes(const std::vector<std::size_t>& wanted) const;
  void forget_announcement(std::size_t node) const;
  void forget_file_server() const;
  std::vector<std::size_t> all_nodes() const;
  /// A node's line in the list, empty when it never announced itself.
  std::string line(std::size_t node) const;

 private:
  std::filesystem::path announcement(std::size_t i) const;
  std::filesystem::path file_server_line() const { return dir_ / "file-server.txt"; }
  void write_plan(const Plan& plan) const;
  void write_node(std::size_t i, const Plan& plan) const;

  std::filesystem::path dir_;
  int lock_ = -1;
};

}  // namespace argot::cli
