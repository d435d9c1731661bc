#pragma once
// What stands around a plugin while it is checked: the kernel it is loaded into, and the other hosts of the simulated
// network. Written in YAML beside the plugin, NAME.check.yaml next to NAME.so, or given with --profile; without either
// the plugin gets what it needs from the plugins that are there.
//
//   hosts:                          # besides the three clients; may be left out
//     - name: node                  # node-1 to node-3
//       count: 3
//       profile:                    # as any profile; {host} and {n} stand for the host's name and number
//         plugins: {network: sim, app: {use: session-node, listen: "{host}:22021"}}
//     - {name: tty, listens: 23}    # no kernel: takes every connection at "tty:23", reads and says nothing
//   account: true                   # clients have an account from the start, without a passphrase; default: none
//   client:                         # the kernels with the plugin; its own entry needs no use:
//     plugins: {network: sim, directory: {use: static, nodes: [...]}, transport: {poll_interval: 1s}}
#include <kernel/host/catalog.h>
#include <kernel/host/profile.h>

namespace argot::kernel {

class Surroundings {
 public:
  struct Node {
    std::string host;
    Profile profile;  ///< of its kernel, unless it only listens
    int listens = 0;  ///< a port; 0: it is a kernel
  };

  /// Reads a file. Throws Error(not_found, invalid_argument) with file and line.
  static Surroundings read(const std::filesystem::path& file, const CatalogEntry& subject);
  /// What the plugin's needs ask for: of several providers the one that needs a simulated medium, or else the one with
  /// the fewest needs. Throws Error(not_found) when nobody provides something.
  static Surroundings standard(const CatalogEntry& subject, const Catalog& catalog);
  /// The file beside the plugin; empty when there is none.
  static std::filesystem::path beside(const std::filesystem::path& plugin_file);

  const std::vector<Node>& nodes() const { return nodes_; }
  /// The profile of client number `who` (0, 1, 2), whose host is `host`.
  Profile client(std::size_t who, const std::string& host) const;
  /// Whether every client is given an account before it meets the plugin.
  bool account() const { return account_; }
  /// Whether clients reach anybody through a network.
  bool has_network() const { return has_network_; }

 private:
  std::vector<Node> nodes_;
  std::string client_;  ///< YAML
  std::string origin_;
  std::filesystem::path base_;
  bool has_network_ = false, account_ = false;
};

}  // namespace argot::kernel
