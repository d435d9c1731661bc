#pragma once
// What an end-to-end test needs around it: a folder of its own, service nodes and accounts, all real processes of
// argot.
#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <optional>

#include "process.h"

namespace argot::e2e {

namespace fs = std::filesystem;

class Scene : public testing::Test {
 protected:
  Scene();
  ~Scene() override;

  fs::path path(const std::string& name) const { return folder_ / name; }
  fs::path write(const std::string& name, const std::string& text) const;
  static std::string read(const fs::path& file);
  static fs::path build_dir();
  /// argot with a home in the scene's folder.
  Result argot(const std::vector<std::string>& arguments, Launch launch = {}) const;
  std::unique_ptr<Process> start(const std::vector<std::string>& arguments, Launch launch = {}) const;

  // --- nodes ---
  struct Node {
    std::unique_ptr<Process> process;
    std::string line;     ///< "127.0.0.1:40123 <ed25519> <swarm>"
    std::string address;  ///< "127.0.0.1:40123"
  };
  /// Starts a service node, or starts it again at the address it had, and waits until it listens.
  /// `top`: more lines for its profile, such as "workers: 2".
  Node& node(const std::string& name, const std::string& top = {}, Launch launch = {});
  Node& node_of(const std::string& name) { return nodes_.at(name); }
  void kill_node(const std::string& name) { nodes_.at(name).process->kill(); }
  /// The list of nodes that clients and nodes read: these, or all that were started.
  void list_nodes(const std::vector<std::string>& lines);
  void list_nodes();
  /// Waits until every node that runs has read a list of `size`.
  void nodes_know(std::size_t size);

  // --- people ---
  /// Profile file of somebody; `transport` are more options of transport/swarm.
  fs::path profile(const std::string& who, const std::string& transport = {}) const;
  /// Makes an account and returns its ID.
  std::string make_account(const std::string& who, const std::vector<std::string>& more = {});
  const std::string& id(const std::string& who) const { return ids_.at(who); }
  const std::string& phrase(const std::string& who) const { return phrases_.at(who); }
  /// argot VERB --profile that of `who` ...
  Result as(const std::string& who, std::vector<std::string> arguments, Launch launch = {}) const;
  std::unique_ptr<Process> start_as(const std::string& who, std::vector<std::string> arguments,
                                    Launch launch = {}) const;
  /// A conversation in a terminal: type() lines into it, wait for what it shows.
  std::unique_ptr<Process> converse(const std::string& who, const std::string& peer, Launch launch = {}) const;
  /// Waits until somebody has received this text, and gives everything that they have received, oldest first.
  std::vector<std::string> received(const std::string& who, const std::string& from,
                                    const std::string& until = {}) const;
  /// The one file of this name in somebody's folder.
  fs::path file_of(const std::string& who, const std::string& name) const;

 private:
  fs::path folder_;
  std::map<std::string, Node> nodes_;
  std::map<std::string, std::string> ids_, phrases_;
};

/// That it failed with a sentence: an exit code, one line on standard error that begins with "argot: " and holds these.
testing::AssertionResult fails_with(const Result& result, const std::vector<std::string>& parts);

}  // namespace argot::e2e
