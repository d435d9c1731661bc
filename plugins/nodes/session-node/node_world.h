// Several service nodes and a client in one process, over TLS in memory and on virtual time.
#pragma once
#include <http/test_world.h>

#include "files.h"
#include "session_node.h"
#include "test_support.h"

namespace argot::node::test {

/// A node's own view of the shared test world: settings and a directory of its own.
class NodeContext final : public Context {
 public:
  NodeContext(http::test::TestContext& world, Handle<Network> network, std::filesystem::path directory)
      : world_(world), directory_(std::move(directory)) {
    std::filesystem::create_directories(directory_);
    network_ = &world_.slot(Network::interface_id);
    (void)network;
    settings_.set("listen", std::string("node:22021"));
    settings_.set("rate_limit", false);
    settings_.set("test_peers", false);
    settings_.set("max_db_size", std::int64_t{1} << 28);
  }
  Settings& options() { return settings_; }
  const std::string& name() const override { return world_.name(); }
  const Settings& settings() const override { return settings_; }
  Time now() const override { return world_.now(); }
  Duration uptime() const override { return world_.uptime(); }
  void wait_until(Duration at, Handler<void(error_code)> done) override { world_.wait_until(at, std::move(done)); }
  asio::any_io_executor executor() override { return world_.executor(); }
  void spawn(std::string what, Task<> task) override { world_.spawn(std::move(what), std::move(task)); }
  void run_off_loop(std::function<void()> work, Handler<void()> done) override {
    world_.run_off_loop(std::move(work), std::move(done));
  }
  void random(std::span<Byte> out) override { world_.random(out); }
  bool chance(std::string_view, double) override { return false; }
  Slot& slot(std::string_view) override { return *network_; }
  std::vector<Slot*> slots(std::string_view) override { return {network_}; }
  std::filesystem::path data_dir() override { return directory_; }
  std::shared_ptr<void>& shared(std::string_view key) override { return world_.shared(key); }
  void log(LogLevel level, std::string_view text) override { world_.log(level, text); }
  void request_stop(int) override {}

 private:
  http::test::TestContext& world_;
  Settings settings_;
  Slot* network_;
  std::filesystem::path directory_;
};

class NodeWorld : public testing::Test {
 protected:
  NodeWorld()
      : network(world),
        handle(world.provide<Network>(network)),
        client(world, handle, http::Security::tls_unverified) {}
  ~NodeWorld() override {
    for (auto& [name, node] : nodes)
      if (node.plugin) stop(name);
    client.close_idle();
    world.pass(std::chrono::minutes(2));
    EXPECT_EQ(world.running(), 0u) << "a coroutine was left behind";
    EXPECT_EQ(world.timers(), 0u) << "a timer was left behind";
  }

  struct Node {
    std::unique_ptr<NodeContext> context;
    std::unique_ptr<SessionNode> plugin;
  };

  /// The options of a node that is not started yet, or no longer.
  Settings& options(const std::string& name) {
    Node& node = nodes[name];
    if (!node.context) {
      node.context = std::make_unique<NodeContext>(world, handle, directory.path() / name);
      node.context->options().set("listen", name + ":22021");
    }
    return node.context->options();
  }
  void start(const std::string& name) {
    options(name);
    Node& node = nodes[name];
    node.plugin = std::make_unique<SessionNode>();
    try {
      world.run(node.plugin->start(*node.context));
    } catch (...) {
      node.plugin.reset();
      throw;
    }
  }
  void stop(const std::string& name) {
    Node& node = nodes[name];
    world.run(node.plugin->stop());
    node.plugin.reset();
  }

  http::Response send(const std::string& name, std::string target, std::string body, std::string method = "POST",
                      std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.body = std::move(body);
    return world.run(client.send(name + ":22021", std::move(request)));
  }
  http::Response call(const std::string& name, std::string_view method, const json::object& params) {
    return send(name, "/storage_rpc/v1", request(method, params));
  }
  json::value result(const std::string& name, std::string_view method, const json::object& params) {
    const auto response = call(name, method, params);
    EXPECT_EQ(response.status, 200u) << response.body;
    return json::parse(response.body);
  }
  std::int64_t now() const { return to_ms(world.now()); }

  /// Nodes of one swarm that know each other by a file.
  void start_together(const std::vector<std::string>& names, const std::string& swarm = "7") {
    std::string lines;
    for (const std::string& name : names) {
      join(name, swarm);
      start(name);
      lines += line_of_node(name);
    }
    EXPECT_EQ(call(names[0], "info", {}).status, 503u) << "nobody knows anybody yet";
    set_nodes(lines);
  }
  void start_three() { start_together({"a", "b", "c"}); }
  /// The options of a node that reads the common list.
  Settings& join(const std::string& name, const std::string& swarm = "7") {
    Settings& o = options(name);
    o.set("nodes_file", list_path().string());
    o.set("swarm", swarm);
    o.set("announce_file", (directory.path() / (name + ".line")).string());
    return o;
  }
  std::filesystem::path list_path() const { return directory.path() / "nodes.txt"; }
  void set_nodes(const std::string& lines) {
    replace_file(list_path(), lines);
    world.pass(std::chrono::seconds(1));
  }
  std::string line_of_node(const std::string& name) { return read_file(directory.path() / (name + ".line")).value(); }
  std::string key_of(const std::string& name) {
    const auto line = line_of_node(name);
    return line.substr(line.find(' ') + 1, 64);
  }
  /// The keys of a node that has been started once.
  NodeKeys keys_of(const std::string& name) {
    return NodeKeys(*from_hex(read_file(directory.path() / name / "node.key").value().substr(0, 64)));
  }

  TemporaryDirectory directory;
  http::test::TestContext world;
  http::test::PipeNetwork network;
  Handle<Network> handle;
  http::Client client;
  std::map<std::string, Node> nodes;
};

}  // namespace argot::node::test
