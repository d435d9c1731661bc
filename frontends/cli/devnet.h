#pragma once
// A local network that stays: its nodes are processes that go on when the command that started them has ended.
#include "local_network.h"

#include <optional>

#include <sys/types.h>

namespace argot::cli {

class Devnet {
 public:
  struct Node {
    std::size_t number = 0;
    std::string line;          ///< address, key, swarm; empty when it never announced itself
    std::optional<pid_t> pid;  ///< of its process, if that runs
  };

  /// Takes the folder for this process.
  explicit Devnet(std::filesystem::path dir);

  const LocalNetwork& network() const { return network_; }
  /// The process of the file server, if it runs.
  std::optional<pid_t> file_server() const;
  /// Starts a network of that plan and its file server; its clients come to the nodes by the file or the seed. A plan
  /// of the folder's own is used again when none is given. `in_process`: all nodes in one process. Throws
  /// Error(already_exists) when nodes run here, Error(timeout) when one does not answer within `patience` seconds.
  void up(std::optional<LocalNetwork::Plan> plan, bool in_process, double patience);
  std::vector<Node> nodes() const;
  /// SIGKILL, as a power cut would.
  void kill(std::size_t node);
  /// Stops a node if it runs, and starts it from what it has kept.
  void restart(std::size_t node, double patience);
  /// One node more, started; gives its number.
  std::size_t add(double patience);
  /// Stops all nodes, by force after five seconds. Gives how many ran.
  std::size_t down();

 private:
  std::filesystem::path pid_file(std::size_t node) const;
  std::filesystem::path file_server_pid() const { return network_.dir() / "file-server.pid"; }
  std::optional<pid_t> process(std::size_t node) const;
  void start(std::size_t node);
  void start_all_in_one();
  void start_file_server();
  void wait_for(const std::vector<std::size_t>& nodes, double patience) const;
  /// Several nodes may share one process.
  std::size_t stop(const std::vector<std::size_t>& nodes, int signal);
  void check(std::size_t node) const;

  LocalNetwork network_;
};

}  // namespace argot::cli
