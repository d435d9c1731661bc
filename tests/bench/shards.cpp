// A node with workers against one without. On a machine whose cores the clients use too, requests per second would say
// little; what bounds a node is the thread that has most to do. So: requests for each second of processor time of the
// busiest thread, which is what the node could serve if every thread had a core.
#include "bench.h"
#include "https.h"
#include "servers.h"

#include <argot/onion.h>
#include <sodium.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <numeric>

namespace argot::bench {
namespace {

constexpr int connections = 64;
const std::string info = R"({"method":"info","params":{}})";

struct Cost {
  double total_us = 0, busiest_us = 0;  ///< of one request
};

/// The same requests over many connections, so that the system spreads them over the listeners.
class Load {
 public:
  Load(const RunningServer& server, std::function<std::string(int)> make) : server_(server), make_(std::move(make)) {
    for (int i = 0; i < connections; ++i) clients_.emplace_back(server.port);
  }
  Cost run(int count) {
    work(connections);  // warms up
    const std::vector<double> before = thread_cpu_us(server_.process);
    work(count);
    std::vector<double> after = thread_cpu_us(server_.process);
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) after[i] -= before[i];
    return {std::accumulate(after.begin(), after.end(), 0.0) / count,
            *std::max_element(after.begin(), after.end()) / count};
  }

 private:
  void work(int count) {
    for (int i = 0; i < count; i += connections) {
      for (HttpsClient& each : clients_) each.send(make_(made_++));
      for (HttpsClient& each : clients_) each.receive();
    }
  }
  RunningServer server_;
  std::function<std::string(int)> make_;
  std::vector<HttpsClient> clients_;
  int made_ = 0;
};

std::string store(int i) {
  char account[67];
  std::snprintf(account, sizeof account, "05%064d", i % 1000);
  const std::string data(500, char('a' + i % 26));
  return post_request("/storage_rpc/v1",
                      std::string(R"({"method":"store","params":{"pubkey":")") + account + R"(","timestamp":)" +
                          std::to_string(std::int64_t(::time(nullptr)) * 1000) + R"(,"ttl":86400000,"data":")" +
                          to_base64(view(data + std::to_string(i))) + "\"}}");
}

std::string relayed(const Nodes::Node& guard, const Nodes::Node& last) {
  onion::WrapOptions options;
  options.raw_reply = true;
  const std::vector<onion::Hop> path(1, onion::Hop{guard.ed25519, guard.x25519});
  const onion::Hop destination{last.ed25519, last.x25519};
  return post_request("/onion_req/v2", onion::wrap(path, destination, info, options).body);
}

}  // namespace

Rows shards(const Effort& effort) {
  struct Kind {
    std::string what;
    std::function<std::string(int, const Nodes&)> make;
  };
  const std::vector<Kind> kinds{
      {"info over TLS", [](int, const Nodes&) { return post_request("/storage_rpc/v1", info); }},
      {"an onion passed on", [](int, const Nodes& nodes) { return relayed(nodes.all()[0], nodes.all()[1]); }},
      {"a store into a swarm of two", [](int i, const Nodes&) { return store(i); }}};
  const int count = effort.count(6'400, connections);
  Rows rows;
  for (const Kind& kind : kinds) {
    std::vector<double> speed[2], total[2];
    for (int round = 0; round < std::max(1, effort.rounds / 3); ++round)
      for (const int workers : {1, 2}) {
        Scratch scratch;
        const Nodes nodes(scratch.path() / "nodes", 2, "workers: " + std::to_string(workers));
        Load load(nodes.all()[0].server, [&](int i) { return kind.make(i, nodes); });
        const Cost cost = load.run(count);
        speed[workers - 1].push_back(1e6 / cost.busiest_us);
        total[workers - 1].push_back(cost.total_us);
      }
    const double one = kit::median(speed[0]), two = kit::median(speed[1]);
    rows.push_back({kind.what + ": a second of the busiest thread, one worker", one, "1/s"});
    rows.push_back({"  two workers", two, "1/s"});
    rows.push_back({"  two against one", two / one, "x"});
    rows.push_back(
        {"  processor time of a request, two workers against one", kit::median(total[1]) / kit::median(total[0]), "x"});
  }
  return rows;
}

}  // namespace argot::bench
