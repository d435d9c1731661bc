// What a request costs the nodes that serve it: CPU time of their processes, beside nginx in the same run.
#include "bench.h"
#include "https.h"
#include "servers.h"

#include <argot/onion.h>

#include <functional>

#include <sodium.h>

namespace argot::bench {
namespace {

constexpr std::string_view info = R"({"method":"info","params":{}})";

/// What one contender does `count` times, and the CPU time of whom.
struct Contender {
  std::function<void(int count)> work;
  std::function<double()> cpu;
};

/// Median over the rounds of the cost of one, for each; they take turns.
std::vector<double> costs(const Effort& effort, int slice, const std::vector<Contender>& contenders) {
  std::vector<std::vector<double>> found(contenders.size());
  for (int round = -1; round < effort.rounds; ++round) {
    for (std::size_t i = 0; i < contenders.size(); ++i) {
      const double before = contenders[i].cpu();
      contenders[i].work(slice);
      const double each = (contenders[i].cpu() - before) / slice;
      if (round >= 0) found[i].push_back(each);  // the first warms up
    }
  }
  std::vector<double> out;
  for (auto& all : found) out.push_back(kit::median(std::move(all)));
  return out;
}

/// Requests over so many kept connections, one on each at a time. With one connection a server sleeps and is woken for
/// every request; with many it seldom sleeps.
Contender requests(const RunningServer& server, int connections, std::vector<std::string> texts) {
  auto clients = std::make_shared<std::vector<HttpsClient>>();
  for (int i = 0; i < connections; ++i) clients->emplace_back(server.port);
  Contender out;
  out.work = [clients, texts = std::move(texts)](int count) {
    for (int i = 0; i < count; i += int(clients->size())) {
      for (std::size_t j = 0; j < clients->size(); ++j) (*clients)[j].send(texts[(std::size_t(i) + j) % texts.size()]);
      for (HttpsClient& each : *clients) each.receive();
    }
  };
  out.cpu = [process = server.process] { return cpu_us(process); };
  return out;
}

Contender connects(const RunningServer& server, std::string request) {
  Contender out;
  out.work = [port = server.port, request = std::move(request)](int count) {
    for (int i = 0; i < count; ++i) HttpsClient(port).ask(request);
  };
  out.cpu = [process = server.process] { return cpu_us(process); };
  return out;
}

/// Some onions through these nodes, the last one's answer being that of `info`.
std::vector<std::string> onions(const std::vector<const Nodes::Node*>& way) {
  std::vector<onion::Hop> path;
  for (const auto* node : way) path.push_back({node->ed25519, node->x25519});
  const onion::Hop destination = path.back();
  path.pop_back();
  std::vector<std::string> out;
  for (int i = 0; i < 32; ++i) {
    // With one node there is no path: the guard is who it is for.
    std::string body;
    if (path.empty()) {
      Byte secret[32];
      Fixed<32> key;
      randombytes_buf(secret, sizeof secret);
      crypto_scalarmult_base(key.data(), secret);
      const auto channel = onion::Channel::of_client(onion::Cipher::xchacha20, secret, key, destination.x25519);
      const Bytes step = onion::join(view(info), R"({"headers":{},"base64":false})");
      const Bytes whole =
          onion::join(channel->seal(step), R"({"ephemeral_key":")" + to_hex(key) + R"(","enc_type":"xchacha20"})");
      body = std::string(text_of(whole));
    } else {
      onion::WrapOptions options;
      options.raw_reply = true;
      body = onion::wrap(path, destination, info, options).body;
    }
    out.push_back(post_request("/onion_req/v2", body));
  }
  return out;
}

/// The bare cryptography of a node's part: agreement, key, opening a request of this size and sealing an answer.
double bare_peel(const Effort& effort) {
  const int slice = effort.count(500, 2);
  Byte secret[32], other[32], shared[32], key[32], nonce[24]{};
  randombytes_buf(secret, sizeof secret);
  crypto_scalarmult_base(other, secret);
  Bytes text(400 + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  const auto peel = [&] {
    for (int i = 0; i < slice; ++i) {
      if (crypto_scalarmult_curve25519(shared, secret, other) != 0) return;
      crypto_generichash_blake2b_state state;
      crypto_generichash_blake2b_init(&state, nullptr, 0, 32);
      crypto_generichash_blake2b_update(&state, shared, 32);
      crypto_generichash_blake2b_update(&state, other, 32);
      crypto_generichash_blake2b_update(&state, secret, 32);
      crypto_generichash_blake2b_final(&state, key, 32);
      unsigned long long size = 0;
      crypto_aead_xchacha20poly1305_ietf_encrypt(text.data(), &size, text.data(), 200, nullptr, 0, nullptr, nonce, key);
      if (crypto_aead_xchacha20poly1305_ietf_decrypt(text.data(), nullptr, nullptr, text.data(), size, nullptr, 0,
                                                     nonce, key) != 0)
        return;
    }
  };
  return kit::interleaved(effort.rounds, 1, {peel}).front() * 1e6 / slice;
}

/// Memory that one idle connection holds, after a request on each.
double per_connection(const RunningServer& server, const std::string& request, int count) {
  const double before = resident(server.process);
  std::vector<HttpsClient> open;
  for (int i = 0; i < count; ++i) {
    open.emplace_back(server.port);
    open.back().ask(request);
  }
  return (resident(server.process) - before) / count / 1024;
}

/// What requests cost when so many connections send one at a time.
void add_requests(Rows& rows, const Effort& effort, const Nodes& nodes, const Nginx* nginx, int connections,
                  double peel) {
  const auto& all = nodes.all();
  const RunningServer& guard = all[0].server;
  const std::string ask = post_request("/storage_rpc/v1", info);
  std::vector<Contender> contenders{requests(guard, connections, {ask})};
  for (std::size_t hops = 1; hops <= 4; ++hops) {
    std::vector<const Nodes::Node*> way;
    for (std::size_t i = 0; i < hops; ++i) way.push_back(&all[i]);
    contenders.push_back(requests(guard, connections, onions(way)));
    contenders.back().cpu = [&nodes] { return nodes.cpu_us(); };
  }
  if (nginx) contenders.push_back(requests(nginx->server(), connections, {get_request()}));
  const std::vector<double> cost = costs(effort, effort.count(960, 16), contenders);

  const std::string with = connections == 1 ? "one connection: " : std::to_string(connections) + " connections: ";
  Goal hop;
  if (nginx) {
    const double reference = cost[5];
    hop = at_most(reference + 1.2 * peel);
    rows.push_back({with + "nginx, `return 200` over TLS", reference, "us"});
    rows.push_back({"  info against nginx", cost[0] / reference, "x", at_most(2)});
  }
  rows.push_back({nginx ? "  info" : with + "info", cost[0], "us"});
  rows.push_back({"  onion to one node, which answers info", cost[1], "us", hop});
  rows.push_back({"  onion through two nodes, both together", cost[2], "us"});
  rows.push_back({"  onion through three nodes, all together", cost[3], "us", at_most(300)});
  rows.push_back({"  onion through three nodes and a fourth that answers, all together", cost[4], "us"});
  rows.push_back({"  what a node adds that is neither first nor last", (cost[4] - cost[2]) / 2, "us", hop});
}

}  // namespace

Rows node(const Effort& effort) {
  Scratch scratch;
  const Nodes nodes(scratch.path() / "nodes", 4);
  const auto nginx = Nginx::start(scratch.path() / "nginx");
  std::vector<double> starts;
  for (const auto& each : nodes.all()) starts.push_back(each.start_ms);
  const double empty = resident(nodes.all()[3].server.process) / 1024 / 1024, peel = bare_peel(effort);
  Rows rows{{"start to the first answer over TLS, the middle of four nodes", kit::median(starts), "ms", at_most(50)},
            {"resident memory of an empty node", empty, "MB", at_most(12)},
            {"bare agreement and ciphers of a hop", peel, "us"}};
  if (!nginx) rows.push_back({"(nothing to compare with: install nginx-light of Debian)", 0, ""});
  for (const int connections : {1, 16}) add_requests(rows, effort, nodes, nginx.get(), connections, peel);

  const std::string ask = post_request("/storage_rpc/v1", info);
  std::vector<Contender> contenders{connects(nodes.all()[1].server, ask)};
  if (nginx) contenders.push_back(connects(nginx->server(), get_request()));
  const std::vector<double> connect = costs(effort, effort.count(100, 4), contenders);
  rows.push_back({"new TLS connection with one request", connect[0], "us", at_most(300)});
  if (nginx) rows.push_back({"  the same of nginx", connect[1], "us"});
  const int idle = effort.count(1000, 20);
  rows.push_back(
      {"memory of an idle TLS connection", per_connection(nodes.all()[2].server, ask, idle), "KB", at_most(45)});
  if (nginx) rows.push_back({"  the same of nginx", per_connection(nginx->server(), get_request(), idle), "KB"});
  return rows;
}

}  // namespace argot::bench
