#include "scene.h"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>

#include <signal.h>
#include <stdlib.h>

namespace argot::e2e {

namespace json = boost::json;

Scene::Scene() {
  ::signal(SIGPIPE, SIG_IGN);  // a process that has died is found by its output's end
  std::string name = (fs::temp_directory_path() / "argot-e2e-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("no folder for the test");
  folder_ = name;
}

Scene::~Scene() {
  nodes_.clear();
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder_, ignored))  // a test may have locked us out
    if (entry.is_directory(ignored)) fs::permissions(entry, fs::perms::owner_all, ignored);
  fs::remove_all(folder_, ignored);
}

fs::path Scene::write(const std::string& name, const std::string& text) const {
  fs::create_directories(path(name).parent_path());
  const fs::path fresh = path(name + ".fresh");
  std::ofstream(fresh, std::ios::binary) << text;
  fs::rename(fresh, path(name));  // whoever reads it meanwhile sees the old or the new
  return path(name);
}

std::string Scene::read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

fs::path Scene::build_dir() {
  const char* build = std::getenv("ARGOT_BUILD_DIR");
  return fs::absolute(build ? build : ".");
}

std::unique_ptr<Process> Scene::start(const std::vector<std::string>& arguments, Launch launch) const {
  launch.home = folder_;
  return std::make_unique<Process>(arguments, std::move(launch));
}

Result Scene::argot(const std::vector<std::string>& arguments, Launch launch) const {
  return start(arguments, std::move(launch))->finish();
}

Scene::Node& Scene::node(const std::string& name, const std::string& top, Launch launch) {
  Node& node = nodes_[name];
  const std::string listen = node.address.empty() ? "127.0.0.1:0" : node.address;
  if (!fs::exists(path("nodes.txt"))) write("nodes.txt", "");
  const fs::path profile = write(name + ".yaml", "data: " + path(name).string() + "\nlog: info\n" + top +
                                                     "\nplugins:\n  network: os\n  app:\n"
                                                     "    use: session-node\n    swarm: \"1\"\n    rate_limit: false\n"
                                                     "    listen: " +
                                                     listen + "\n    nodes_file: " + path("nodes.txt").string() +
                                                     "\n    announce_file: " + path(name + ".line").string() + "\n");
  node.process = start({"run", profile.string()}, std::move(launch));
  EXPECT_TRUE(node.process->wait_for(" listens on "));
  node.line = read(path(name + ".line"));
  while (!node.line.empty() && node.line.back() == '\n') node.line.pop_back();
  node.address = node.line.substr(0, node.line.find(' '));
  return node;
}

void Scene::list_nodes(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  write("nodes.txt", text);
}

void Scene::list_nodes() {
  std::vector<std::string> lines;
  for (const auto& [name, node] : nodes_) lines.push_back(node.line);
  list_nodes(lines);
}

void Scene::nodes_know(std::size_t size) {
  for (auto& [name, node] : nodes_)
    EXPECT_TRUE(node.process->wait_for("The list of nodes has changed: " + std::to_string(size) + " nodes now."));
}

fs::path Scene::profile(const std::string& who, const std::string& transport) const {
  return write(who + ".yaml",
               "data: " + path(who).string() +
                   "\nlog: warning\nplugins:\n  network: os\n  directory: {use: static, file: " +
                   path("nodes.txt").string() + "}\n  transport: {use: swarm, route: direct, poll_interval: 100ms" +
                   (transport.empty() ? "" : ", " + transport) + "}\n  crypto: [session]\n  storage: sqlite\n");
}

std::string Scene::make_account(const std::string& who, const std::vector<std::string>& more) {
  // Needs no network, and the nodes of some tests are none.
  const fs::path offline =
      write("offline-" + who + ".yaml",
            "data: " + path(who).string() +
                "\nlog: warning\nplugins: {transport: loopback, crypto: [session], storage: sqlite}\n");
  std::vector<std::string> arguments{"--json", "account", "new", "--profile", offline.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Result made = argot(arguments);
  boost::system::error_code failure;
  const json::value value = json::parse(made.out, failure);
  if (failure || !value.is_object()) {
    ADD_FAILURE() << "no account was made: " << made.out << made.err;
    return {};
  }
  phrases_[who] = std::string(value.at("phrase").as_string());
  profile(who);
  return ids_[who] = std::string(value.at("id").as_string());
}

std::unique_ptr<Process> Scene::start_as(const std::string& who, std::vector<std::string> arguments,
                                         Launch launch) const {
  const std::size_t verb = arguments.front() == "--json" ? 2 : 1;
  const std::string file = path(who + ".yaml").string();
  if (arguments[verb - 1] == "run")
    arguments.insert(arguments.begin() + std::ptrdiff_t(verb), file);
  else
    arguments.insert(arguments.begin() + std::ptrdiff_t(verb), {"--profile", file});
  return start(arguments, std::move(launch));
}

Result Scene::as(const std::string& who, std::vector<std::string> arguments, Launch launch) const {
  return start_as(who, std::move(arguments), std::move(launch))->finish();
}

std::unique_ptr<Process> Scene::converse(const std::string& who, const std::string& peer, Launch launch) const {
  launch.keep_input = true;
  auto process =
      start_as(who, {"run", "--set", "app=terminal", "--set", "app.terminal.peer=" + id(peer)}, std::move(launch));
  process->wait_for("A conversation with");
  return process;
}

std::vector<std::string> Scene::received(const std::string& who, const std::string& from,
                                         const std::string& until) const {
  if (!until.empty()) {
    auto reader = converse(who, from);
    reader->type("/history 1000");  // what came before it was there to show it
    reader->wait_for("‹ " + until + "\n");
    reader->type("/quit");
    EXPECT_EQ(reader->finish().code, 0);
  }
  std::vector<std::string> texts;
  const Result result = as(who, {"--json", "history", "--limit", "1000"});
  std::size_t begin = 0;
  for (std::size_t end; (end = result.out.find('\n', begin)) != std::string::npos; begin = end + 1) {
    boost::system::error_code failure;
    const json::value message = json::parse(std::string_view(result.out).substr(begin, end - begin), failure);
    if (!failure && message.at("direction").as_string() == "incoming")
      texts.emplace_back(message.at("text").as_string());
  }
  return texts;
}

fs::path Scene::file_of(const std::string& who, const std::string& name) const {
  for (const auto& entry : fs::recursive_directory_iterator(path(who)))
    if (entry.path().filename() == name) return entry.path();
  ADD_FAILURE() << who << " has no file " << name;
  return {};
}

testing::AssertionResult fails_with(const Result& result, const std::vector<std::string>& parts) {
  auto complain = [&](const std::string& what) {
    return testing::AssertionFailure() << what << "; exit code " << result.code << "\n" << result.out << result.err;
  };
  if (result.code <= 0 || result.code >= 126) return complain("this is no orderly failure");
  const std::size_t at = result.err.rfind("argot: ");
  if (at == std::string::npos || (at > 0 && result.err[at - 1] != '\n'))
    return complain("no sentence says what is wrong");
  const std::string sentence = result.err.substr(at);
  for (const std::string& part : parts)
    if (sentence.find(part) == std::string::npos) return complain("the sentence does not say \"" + part + "\"");
  if (sentence.size() < 3 || (sentence[sentence.size() - 2] != '.' && sentence[sentence.size() - 2] != '?'))
    return complain("this is no sentence");
  return testing::AssertionSuccess();
}

}  // namespace argot::e2e
