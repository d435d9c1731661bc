// A message from one person's kernel to another's over real service nodes: through three hops to a swarm of five that
// keeps it, and through three others to who waits for it.
#include "bench.h"
#include "children.h"
#include "scene.h"
#include "servers.h"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

namespace argot::bench {
namespace {

namespace fs = std::filesystem;

double wall_us() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) * 1e6 + double(now.tv_nsec) * 1e-3;
}

/// `argot devnet`: ten nodes in two swarms, which end with this object.
class Devnet {
 public:
  explicit Devnet(fs::path folder) : folder_(std::move(folder)) {
    Child up({argot(), "--json", "devnet", "up", "--dir", folder_.string(), "--nodes", "10", "--swarms", "2", "--port",
              "0", "--seed-port", "0"});
    for (std::string line; !(line = up.line()).empty();)
      if (const auto* pid = boost::json::parse(line).as_object().if_contains("pid"))
        nodes_.push_back(pid->to_number<pid_t>());
    if (up.wait() != 0 || nodes_.size() != 10)
      throw Error(Code::internal, "`argot devnet up` started no network of ten nodes in " + folder_.string() + ".");
  }
  ~Devnet() { Child({argot(), "devnet", "down", "--dir", folder_.string()}).wait(); }
  Devnet(const Devnet&) = delete;

  std::string list() const { return (folder_ / "nodes.txt").string(); }
  /// CPU time of all nodes.
  double cpu() const {
    double sum = 0;
    for (pid_t node : nodes_) sum += cpu_us(node);
    return sum;
  }

 private:
  static std::string argot() { return (program_dir() / "argot").string(); }

  fs::path folder_;
  std::vector<pid_t> nodes_;
};

/// Two people's kernels in this process; whoever reads has a transport as `options` say.
class Talk {
 public:
  Talk(const fs::path& folder, const Devnet& nodes, const std::string& options)
      : alice_(stage_, "sqlite", folder / "alice", {}, way(nodes, options)),
        bob_(stage_, "sqlite", folder / "bob", {}, way(nodes, options)) {
    bob_.messenger()->accept(bob_.id(), alice_.id());  // of strangers' messages only some are taken
    heard_[0] = alice_.messenger()->subscribe([this](const Event& e) {
      if (e.kind == Event::Kind::message_changed && e.message.state == MessageState::sent) settle(sent_);
    });
    heard_[1] = bob_.messenger()->subscribe([this](const Event& e) {
      if (e.kind != Event::Kind::message_added) return;
      shown_at_ = wall_us();
      settle(arrived_);
    });
  }
  ~Talk() {
    heard_[0] = Subscription();
    heard_[1] = Subscription();
  }
  Talk(const Talk&) = delete;

  /// All handed over at once; until the last is shown and its sender knows that it is kept.
  void burst(int count) {
    sent_ = arrived_ = count;
    for (int i = 0; i < count; ++i) send();
    stage_.run();
  }
  /// Microseconds from send to shown; ends when the sender knows, too.
  double one() {
    const double began = wall_us();
    sent_ = arrived_ = 1;
    send();
    stage_.run();
    return shown_at_ - began;
  }

 private:
  static std::string way(const Devnet& nodes, const std::string& options) {
    return "  network: os\n  directory: {use: static, file: " + nodes.list() +
           "}\n  transport: {use: swarm, route: onion" + options + "}\n";
  }
  void send() {
    alice_.messenger()->send(alice_.id(), bob_.id(),
                             "Message number " + std::to_string(++number_) +
                                 " of a conversation of some length, as people write them to one another.");
  }
  void settle(int& left) {
    if (--left == 0 && sent_ == 0 && arrived_ == 0) stage_.world.stop();
  }

  Stage stage_;
  Client alice_, bob_;
  Subscription heard_[2];
  int sent_ = 0, arrived_ = 0, number_ = 0;
  double shown_at_ = 0;
};

/// The bare thing: a body of a message's size goes to another thread's socket and comes back.
double echo_us(int count) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error(Code::resource_exhausted, "This process gets no more sockets.");
  std::array<char, 1024> body{};
  const auto all = [&body](int socket, auto step) {
    for (std::size_t done = 0; done < body.size();) {
      const ssize_t n = step(socket, body.data() + done, body.size() - done);
      if (n <= 0) return false;
      done += std::size_t(n);
    }
    return true;
  };
  std::thread other([&, socket = ends[1]] {
    std::array<char, 1024> text;
    for (ssize_t n; (n = ::read(socket, text.data(), text.size())) > 0;)
      if (::write(socket, text.data(), std::size_t(n)) != n) return;
  });
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const double began = wall_us();
    if (!all(ends[0], ::write) || !all(ends[0], ::read)) break;
    took.push_back(wall_us() - began);
  }
  ::close(ends[0]);
  other.join();
  ::close(ends[1]);
  return kit::median(std::move(took));
}

struct Cost {
  double clients = 0, nodes = 0, wall = 0;  ///< microseconds for each message
  double per_core() const { return 1e6 / (clients + nodes); }
};

template <class F> Cost cost(const Devnet& nodes, int count, F work) {
  Cost out;
  const double clients = cpu_us(::getpid()), theirs = nodes.cpu(), began = wall_us();
  work();
  out.clients = (cpu_us(::getpid()) - clients) / count;
  out.nodes = (nodes.cpu() - theirs) / count;
  out.wall = (wall_us() - began) / count;
  return out;
}

void add_costs(Rows& rows, const std::string& what, const std::vector<Cost>& all, double goal) {
  const auto middle = [&](auto value) {
    std::vector<double> values;
    for (const Cost& each : all) values.push_back(value(each));
    return kit::median(std::move(values));
  };
  rows.push_back({what + ": messages per second of CPU time, everybody's",
                  middle([](const Cost& c) { return c.per_core(); }), "1/s", at_least(goal)});
  rows.push_back({"  CPU time of the ten nodes, each message", middle([](const Cost& c) { return c.nodes; }), "us"});
  rows.push_back(
      {"  CPU time of the two clients, each message", middle([](const Cost& c) { return c.clients; }), "us"});
  rows.push_back(
      {"  messages per second by the clock on the wall", middle([](const Cost& c) { return 1e6 / c.wall; }), "1/s"});
}

void add_latency(Rows& rows, const std::string& what, std::vector<double> took, double echo) {
  std::sort(took.begin(), took.end());
  const auto at = [&](double share) {
    return took[std::min(took.size() - 1, std::size_t(share * double(took.size())))];
  };
  for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p99", 0.99}}) {
    rows.push_back({what + ", send to shown, " + name, at(share) / 1000, "ms"});
    rows.push_back({"  against an echo over a bare socket", at(share) / echo, "x"});
  }
}

}  // namespace

Rows network(const Effort& effort) {
  Scratch scratch;
  Devnet nodes(scratch.path() / "nodes");
  const double echo = echo_us(effort.count(2000, 10));
  const int many = effort.count(300, 5), few = effort.count(40, 2);
  Rows rows;
  std::vector<Cost> singles, bursts;
  std::vector<double> took;
  {
    Talk talk(scratch.path() / "push", nodes, "");
    for (int round = -1; round < effort.rounds; ++round) {
      const Cost single = cost(nodes, few, [&] {
        for (int i = 0; i < few; ++i) {
          const double one = talk.one();
          if (round >= 0) took.push_back(one);
        }
      });
      const Cost burst = cost(nodes, many, [&] { talk.burst(many); });
      if (round < 0) continue;  // paths and connections are made
      singles.push_back(single);
      bursts.push_back(burst);
    }
  }
  add_costs(rows, "one by one, three hops, a swarm of five", singles, 950);
  add_costs(rows, "a burst of " + std::to_string(many), bursts, 2400);
  add_latency(rows, "by push", std::move(took), echo);

  took.clear();
  Talk talk(scratch.path() / "poll", nodes, ", push: false, poll_interval: 100ms");
  talk.one();
  for (int i = 0; i < effort.count(100, 2); ++i) took.push_back(talk.one());
  add_latency(rows, "by poll every 100 ms", std::move(took), echo);
  return rows;
}

}  // namespace argot::bench
