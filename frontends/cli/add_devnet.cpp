// argot devnet: a network of service nodes on this machine that stays, for clients of every kind.
#include "commands.h"
#include "devnet.h"

#include <argot/error.h>
#include <fmt/format.h>

#include <boost/json.hpp>

namespace argot::cli {
namespace {

struct DevnetOptions {
  std::string dir;
  LocalNetwork::Plan plan{.nodes = 14, .port = 22021, .seed_port = 22020, .file_port = 22019};
  bool in_process = false;
  std::size_t node = 0;
  double patience = 30;
};

void print(const Devnet& devnet, const Common& common) {
  const LocalNetwork::Plan plan = devnet.network().plan();
  if (!common.json) {
    fmt::print("{}\n", devnet.network().dir().string());
    if (plan.seed_port) fmt::print("seed  http://127.0.0.1:{}/json_rpc\n", plan.seed_port);
    if (devnet.file_server()) fmt::print("files {}\n", devnet.network().file_server());
    fmt::print("nodes {}\n\n  {:>3}  {:<8}  {}\n", devnet.network().nodes_file().string(), "#", "process",
               "address, key, swarm");
  }
  for (const Devnet::Node& node : devnet.nodes()) {
    if (common.json) {
      boost::json::object out{
          {"node", node.number}, {"line", node.line}, {"log", devnet.network().node_log(node.number).string()}};
      if (node.pid) out["pid"] = *node.pid;
      fmt::print("{}\n", boost::json::serialize(out));
    } else {
      fmt::print("  {:>3}  {:<8}  {}\n", node.number, node.pid ? std::to_string(*node.pid) : "-", node.line);
    }
  }
}

}  // namespace

void add_devnet(CLI::App& app, Common& common) {
  auto* verb = app.add_subcommand("devnet", "a network of service nodes on this machine that goes on by itself");
  verb->require_subcommand(1);
  auto o = std::make_shared<DevnetOptions>();
  o->dir = LocalNetwork::usual_dir("devnet").string();
  verb->add_option("--dir", o->dir, "where the network is kept")->capture_default_str();
  verb->add_option("--patience", o->patience, "seconds to wait for a node to start")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 3600.0));
  verb->fallthrough();

  auto* up = verb->add_subcommand("up", "start it: node i is at 127.0.i.1, the seed at 127.0.0.1");
  up->add_option("--nodes", o->plan.nodes, "how many service nodes")->capture_default_str()->check(CLI::Range(1, 250));
  up->add_option("--swarms", o->plan.swarms, "how many swarms; 0: as many as the chain's rule makes")
      ->capture_default_str()
      ->check(CLI::Range(0, 250));
  up->add_option("--port", o->plan.port, "the nodes' port; 0: any that is free")->capture_default_str();
  up->add_option("--seed-port", o->plan.seed_port, "the seed's port (plain HTTP); 0: no seed")->capture_default_str();
  up->add_option("--file-port", o->plan.file_port,
                 "the file server's port; 0: any that is free, as if --port or --seed-port is given and this is not")
      ->capture_default_str();
  up->add_flag("--in-process", o->in_process, "all nodes in one process: less memory, but none can be killed alone");
  up->callback([=, &common] {
    if (o->plan.swarms > o->plan.nodes)
      throw Error(Code::invalid_argument, fmt::format("{} nodes cannot make {} swarms.", o->plan.nodes, o->plan.swarms),
                  "A swarm has at least one node; clients want three.");
    const bool elsewhere = up->count("--port") || up->count("--seed-port");  // there may be another network
    if (elsewhere && !up->count("--file-port")) o->plan.file_port = 0;
    Devnet devnet(o->dir);
    const bool same = up->count_all() == 1 && devnet.network().exists();  // no option: the network that was here before
    devnet.up(same ? std::nullopt : std::optional(o->plan), o->in_process, o->patience);
    print(devnet, common);
  });
  verb->add_subcommand("status", "which nodes there are, and which run")->callback([=, &common] {
    print(Devnet(o->dir), common);
  });
  const auto of_node = [&](const char* name, const char* help) {
    auto* sub = verb->add_subcommand(name, help);
    sub->add_option("NODE", o->node, "its number")->required();
    return sub;
  };
  of_node("kill", "end a node at once, as a power cut would")->callback([=] { Devnet(o->dir).kill(o->node); });
  of_node("restart", "start a node again from what it has kept")->callback([=] {
    Devnet(o->dir).restart(o->node, o->patience);
  });
  verb->add_subcommand("add", "one node more")->callback([=, &common] {
    const std::size_t node = Devnet(o->dir).add(o->patience);
    common.json ? fmt::print("{{\"node\":{}}}\n", node) : fmt::print("node {}\n", node);
  });
  verb->add_subcommand("down", "stop every node, and the file server")->callback([=, &common] {
    const std::size_t count = Devnet(o->dir).down();
    common.json ? fmt::print("{{\"stopped\":{}}}\n", count) : fmt::print("stopped {} nodes\n", count);
  });
}

}  // namespace argot::cli
