// What a node's storage costs: stores into a swarm of five, signed retrieves, and how both depend on how many ask at
// once and on how much is stored. All nodes are processes, all clients come over HTTPS, everything is durable.
#include <argot/error.h>
#include <argot/identity.h>
#include <plugins/nodes/session-node/rpc.h>
#include <plugins/nodes/session-node/service.h>
#include <plugins/nodes/session-node/to_json.h>
#include <sodium.h>

#include <chrono>

#include "store_nodes.h"

namespace argot::bench {
namespace {

namespace fs = std::filesystem;
constexpr int message_size = 500, page = 10;
constexpr std::int64_t day_ms = 86'400'000;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Bytes random_bytes(std::size_t size) {
  Bytes out(size);
  randombytes_buf(out.data(), out.size());
  return out;
}

/// A mailbox whose owner signs.
struct Owner {
  Owner() {
    crypto_sign_keypair(ed25519.data(), secret.data());
    id = AccountId(AccountId::person, *keys::x25519_from_ed25519(ed25519));
  }
  std::string retrieve(std::int64_t time) const {
    const std::string text = "retrieve" + std::to_string(time);
    Fixed<64> signature;
    crypto_sign_detached(signature.data(), nullptr, view(text).data(), text.size(), secret.data());
    return R"({"method":"retrieve","params":{"pubkey":")" + id.text() + R"(","pubkey_ed25519":")" + to_hex(ed25519) +
           R"(","timestamp":)" + std::to_string(time) + R"(,"signature":")" + to_base64(signature) + "\"}}";
  }
  Fixed<32> ed25519;
  Fixed<64> secret;
  AccountId id;
};

std::string store_request(const AccountId& account) {
  return R"({"method":"store","params":{"pubkey":")" + account.text() + R"(","timestamp":)" + std::to_string(now_ms()) +
         R"(,"ttl":86400000,"data":")" + to_base64(random_bytes(message_size)) + "\"}}";
}

/// `page` messages for each owner, and others' around them, `total` in all.
void fill(const fs::path& file, const std::vector<Owner>& owners, int total) {
  node::Database db(file, 8LL << 30);
  const std::int64_t now = now_ms();
  const std::size_t accounts = std::max<std::size_t>(static_cast<std::size_t>(total) / page, owners.size());
  std::vector<AccountId> ids;
  for (std::size_t i = 0; i < accounts; ++i)
    // The owners lie among the others.
    ids.push_back(i % (accounts / owners.size()) == 0 && i / (accounts / owners.size()) < owners.size()
                      ? owners[i / (accounts / owners.size())].id
                      : AccountId(AccountId::person, random_bytes(32)));
  for (int round = 0; round < page; ++round) {
    db.begin();
    for (const AccountId& id : ids) {
      const Bytes data = random_bytes(message_size);
      db.store(id, 0, keys::message_hash(id, 0, data), now, now + day_ms, data);
    }
    db.commit();
  }
}

void stores(const Effort& effort, Rows& rows) {
  NodeProcesses swarm(5);
  std::vector<AccountId> accounts;
  for (int i = 0; i < 1000; ++i) accounts.emplace_back(AccountId::person, random_bytes(32));
  const RequestMaker make = [&](int, int) { return store_request(accounts[randombytes_uniform(1000)]); };
  for (const int clients : {1, 10, 100}) {
    const int requests = effort.count(clients == 1 ? 3'000 : 10'000, 2 * clients);
    const LoadResult found = load(swarm, clients, requests, make, "\"hash\"");
    const std::string who = std::to_string(clients) + (clients == 1 ? " client" : " clients");
    rows.push_back({"store into a swarm of five, durable, " + who + ": CPU time of all nodes", found.cpu_us, "us",
                    clients == 1 ? Goal{} : at_most(320)});
    rows.push_back({"  stores a second", found.per_second, "1/s"});
    rows.push_back({"  p50", found.p50_ms, "ms"});
    rows.push_back({"  p99", found.p99_ms, "ms"});
  }
}

double retrieves(const Effort& effort, Rows& rows, int total) {
  const std::vector<Owner> owners(std::min<std::size_t>(static_cast<std::size_t>(total) / page, 2'000));
  NodeProcesses node(1, [&](const fs::path& file) { fill(file, owners, total); });
  const std::int64_t now = now_ms();
  std::vector<std::string> requests;
  for (const Owner& owner : owners) requests.push_back(owner.retrieve(now));
  const RequestMaker make = [&](int, int n) {
    if (n < 0) return requests[0];
    return requests[static_cast<std::size_t>(n) % requests.size()];
  };
  double cost = 0;
  for (const int clients : {1, 10}) {
    const int count = effort.count(clients == 1 ? 5'000 : 20'000, 20);
    if (!effort.smoke) load(node, clients, static_cast<int>(2 * requests.size()), make, "\"messages\":[{");
    const LoadResult found = load(node, clients, count, make, "\"messages\":[{");
    const std::string who = std::to_string(clients) + (clients == 1 ? " client" : " clients");
    rows.push_back({"signed retrieve of ten of " + std::to_string(total) + " messages, " + who + ": CPU time",
                    found.cpu_us, "us", at_most(120)});
    rows.push_back({"  retrieves a second", found.per_second, "1/s"});
    cost = found.cpu_us;
  }
  return cost;
}

/// The same without network and threads.
void alone(const Effort& effort, Rows& rows) {
  Scratch scratch;
  const std::vector<Owner> owners(100);
  fill(scratch.path() / "messages.db", owners, 1'000);
  node::Database db(scratch.path() / "messages.db", 1LL << 30);
  auto node_keys = std::make_shared<const node::NodeKeys>(random_bytes(32));
  node::Service service(node_keys, node::Facts{});
  ServiceNode self;
  self.ed25519 = node_keys->ed25519();
  self.x25519 = node_keys->x25519();
  self.swarm = 1;
  std::vector<ServiceNode> list{self};
  service.set_network(node::NodeList(std::move(list)));

  const std::int64_t now = now_ms();
  std::vector<std::string> reads, writes;
  std::vector<Bytes> datas;
  std::vector<std::string> hashes;
  const int count = effort.count(100, 2);
  for (int i = 0; i < 100; ++i) reads.push_back(owners[static_cast<std::size_t>(i)].retrieve(now));
  std::size_t at = 0;
  const auto answer = [&](const std::string& body) {
    return node::to_json(service.handle_alone(node::parse_request(body), db, now_ms()));
  };
  const auto per = [&](double seconds) { return seconds / count * 1e6; };
  const auto measured =
      kit::interleaved(effort.rounds, 1,
                       {[&] {
                          for (int i = 0; i < count; ++i) (void)answer(reads[at++ % reads.size()]);
                        },
                        [&] {
                          for (int i = 0; i < count; ++i)
                            db.retrieve(owners[at++ % owners.size()].id, 0, "", node::retrieve_limits(0, 0),
                                        [](const auto&) { return true; });
                        },
                        [&] {
                          db.begin();
                          for (int i = 0; i < count; ++i) (void)answer(store_request(owners[at++ % owners.size()].id));
                          db.commit();
                        },
                        [&] {
                          for (int i = 0; i < count; ++i) (void)store_request(owners[at++ % owners.size()].id);
                        },
                        [&] {
                          db.begin();
                          for (int i = 0; i < count; ++i) {
                            const Bytes data = random_bytes(message_size);
                            const AccountId& id = owners[at++ % owners.size()].id;
                            db.store(id, 0, keys::message_hash(id, 0, data), now, now + day_ms, data);
                          }
                          db.commit();
                        },
                        [&] {
                          for (int i = 0; i < count; ++i)
                            (void)node_keys->sign("0123456789012345678901234567890123456789012");
                        },
                        [&] {
                          const std::string text = "text";
                          const Fixed<64> signature = node_keys->sign(text);
                          for (int i = 0; i < count; ++i)
                            (void)keys::verify(signature, view(text), node_keys->ed25519());
                        }});
  rows.push_back({"without network and threads: signed retrieve of ten", per(measured[0]), "us"});
  rows.push_back({"  of which the bare verification", per(measured[6]), "us"});
  rows.push_back({"  of which the database", per(measured[1]), "us"});
  rows.push_back(
      {"without network and threads: store, a hundred in a transaction", per(measured[2] - measured[3]), "us"});
  rows.push_back({"  of which the bare signature", per(measured[5]), "us"});
  rows.push_back({"  of which the database", per(measured[4]), "us"});
}

}  // namespace

Rows store(const Effort& effort) {
  if (sodium_init() < 0) throw Error(Code::internal, "libsodium could not be initialised.");
  Rows rows;
  alone(effort, rows);
  stores(effort, rows);
  const double few = retrieves(effort, rows, effort.count(1'000, 100));
  const double many = retrieves(effort, rows, effort.count(1'000'000, 1'000));
  rows.push_back({"  cost at a million messages against a thousand", many / few, "x", at_most(1.5)});
  return rows;
}

}  // namespace argot::bench
