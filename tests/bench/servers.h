#pragma once
// Servers in processes of their own, and what they cost: service nodes, and nginx to compare them with.
#include "children.h"

#include <argot/bytes.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace argot::bench {

/// Microseconds of CPU time that a process has used so far, all its threads, user and system.
double cpu_us(pid_t process);
/// The same for each of its threads that has used any. A thread that ends takes its share along.
std::vector<double> thread_cpu_us(pid_t process);
/// Its resident memory in bytes.
double resident(pid_t process);

/// A server that listens on this machine.
struct RunningServer {
  std::uint16_t port = 0;
  pid_t process = 0;  ///< the one that works
};

/// `return 200` over TLS, one worker, with a P-256 certificate.
class Nginx {
 public:
  /// Nothing when Debian's nginx is not installed.
  static std::unique_ptr<Nginx> start(const std::filesystem::path& folder);
  const RunningServer& server() const { return server_; }

 private:
  std::unique_ptr<Child> child_;
  RunningServer server_;
};

/// Service nodes that know each other.
class Nodes {
 public:
  struct Node {
    RunningServer server;
    Fixed<32> ed25519{}, x25519{};
    double start_ms = 0;  ///< from its start to the first answer
    std::unique_ptr<Child> child;
  };
  /// Throws Error(internal) with what they said when they do not start.
  /// `top`: more lines for their profiles, such as "workers: 2".
  Nodes(const std::filesystem::path& folder, std::size_t count, const std::string& top = {});
  const std::vector<Node>& all() const { return nodes_; }
  /// CPU time of all of them.
  double cpu_us() const;

 private:
  std::vector<Node> nodes_;
};

}  // namespace argot::bench
