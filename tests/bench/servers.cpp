#include "servers.h"

#include "bench.h"
#include "https.h"

#include <argot/error.h>

#include <charconv>
#include <ctime>
#include <fstream>

#include <arpa/inet.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

namespace argot::bench {
namespace {

namespace fs = std::filesystem;

constexpr int patience_ms = 20'000;

double wall_ms() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) * 1e3 + double(now.tv_nsec) * 1e-6;
}

/// A port that nobody listens at just now.
std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool found = ::bind(probe, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  ::close(probe);
  if (!found) throw Error(Code::resource_exhausted, "No port is free for a server of the benchmark.");
  return ntohs(at.sin_port);
}

/// Waits until `ready` says so.
template <class F> bool eventually(F ready) {
  for (const double end = wall_ms() + patience_ms; wall_ms() < end; ::usleep(200))
    if (ready()) return true;
  return false;
}

bool answers(std::uint16_t port, const std::string& request) {
  try {
    HttpsClient(port).ask(request);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

double cpu_us(pid_t process) {
  clockid_t clock;
  timespec used{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
    throw Error(Code::unavailable, "A server of the benchmark has ended.");
  return double(used.tv_sec) * 1e6 + double(used.tv_nsec) * 1e-3;
}

std::vector<double> thread_cpu_us(pid_t process) {
  std::vector<double> out;
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(process) + "/task"))
    if (const std::string line = text_of(task.path() / "schedstat"); !line.empty())
      out.push_back(std::stod(line) * 1e-3);  // nanoseconds on a processor, ...
  return out;
}

double resident(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/smaps_rollup");  // exact, unlike statm
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("Rss:")) return std::stod(line.substr(4)) * 1024;
  throw Error(Code::unavailable, "A server of the benchmark has ended.");
}

std::unique_ptr<Nginx> Nginx::start(const fs::path& folder) {
  if (!can_run({"nginx", "-v"})) return nullptr;
  fs::create_directories(folder);
  const std::string key = (folder / "key.pem").string(), certificate = (folder / "cert.pem").string();
  if (Child({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-days", "30"})
          .wait() != 0)
    throw Error(Code::internal, "openssl made no certificate for nginx.");
  auto out = std::make_unique<Nginx>();
  out->server_.port = free_port();
  const std::string port = std::to_string(out->server_.port), config = (folder / "nginx.conf").string();
  // In the foreground and without a master process: the child is the worker.
  std::ofstream(config)
      << "daemon off; master_process off; error_log /dev/null; pid " << (folder / "pid").string()
      << ";\nevents { worker_connections 16384; }\nhttp { access_log off; keepalive_requests 1000000000; "
         "keepalive_timeout 600s;\nserver { listen 127.0.0.1:"
      << port << " ssl; ssl_certificate " << certificate << "; ssl_certificate_key " << key
      << "; ssl_protocols TLSv1.2 TLSv1.3; location / { return 200 \"fine\\n\"; } } }\n";
  out->child_ = std::make_unique<Child>(std::vector<std::string>{"nginx", "-p", folder.string(), "-c", config},
                                        (folder / "errors").string());
  out->server_.process = out->child_->id();
  if (!eventually([&] { return answers(out->server_.port, get_request()); }))
    throw Error(Code::internal, "nginx does not start: " + text_of(folder / "errors"));
  return out;
}

Nodes::Nodes(const fs::path& folder, std::size_t count, const std::string& top) {
  fs::create_directories(folder);
  const std::string list = (folder / "nodes").string(), errors = (folder / "errors").string();
  std::ofstream(list).close();
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) {
    Node& node = nodes_.emplace_back();
    const std::string name = (folder / std::to_string(i)).string(), line_file = name + ".line";
    node.server.port = free_port();
    std::ofstream(name + ".yaml") << "data: " << name << "\nlog: warning\n"
                                  << top << "\nplugins:\n  network: os\n  app:\n"
                                  << "    use: session-node\n    swarm: \"1\"\n    rate_limit: false\n"
                                  << "    test_peers: false\n    listen: 127.0.0.1:" << node.server.port
                                  << "\n    nodes_file: " << list << "\n    announce_file: " << line_file << "\n";
    const double began = wall_ms();
    node.child = std::make_unique<Child>(
        std::vector<std::string>{(program_dir() / "argot").string(), "run", name + ".yaml"}, errors);
    node.server.process = node.child->id();
    if (!eventually([&] { return answers(node.server.port, "GET /get_stats/v1 HTTP/1.1\r\nHost: localhost\r\n\r\n"); }))
      throw Error(Code::internal, "A service node does not start: " + text_of(errors));
    node.start_ms = wall_ms() - began;
    const std::string line = text_of(line_file);
    lines += line;
    const auto key = fixed_from_hex<32>(std::string_view(line).substr(line.find(' ') + 1, 64));
    if (!key || crypto_sign_ed25519_pk_to_curve25519(node.x25519.data(), key->data()) != 0)
      throw Error(Code::internal, "A service node announced itself as \"" + line + "\".");
    node.ed25519 = *key;
  }
  std::ofstream(list) << lines;
  // They look at the list about once a second; until then a node knows itself only.
  ::usleep(1'500'000);
}

double Nodes::cpu_us() const {
  double sum = 0;
  for (const Node& node : nodes_) sum += bench::cpu_us(node.server.process);
  return sum;
}

}  // namespace argot::bench
