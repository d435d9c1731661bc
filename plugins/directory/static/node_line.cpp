#include "node_line.h"

#include <argot/error.h>
#include <argot/identity.h>

#include <charconv>
#include <set>

namespace argot::static_directory {
namespace {

constexpr const char* form =
    "Write it as \"host:port ed25519 [swarm]\", the key as 64 hex digits, the swarm as up to 16.";
constexpr std::string_view white = " \t\r";

[[noreturn]] void wrong(std::string what) { throw Error(Code::invalid_argument, std::move(what), form); }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (line = trimmed(line); !line.empty() && out.size() < 4; line = trimmed(line)) {
    const std::string_view word = line.substr(0, line.find_first_of(white));
    out.push_back(word);
    line.remove_prefix(word.size());
  }
  return out;
}

/// The text in an error: short, printable.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 40));
  for (char& c : out)
    if (c < 32 || c > 126) c = '?';
  return "\"" + out + (text.size() > 40 ? "...\"" : "\"");
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return false;  // an IPv6 address without brackets
  auto good = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == ':'; };
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), good);
}

}  // namespace

ServiceNode parse_node_line(std::string_view line) {
  const auto words = words_of(line);
  if (words.empty()) wrong("is empty");
  ServiceNode out;
  const auto colon = words[0].rfind(':');
  if (colon == std::string_view::npos) wrong("has no port: " + shown(words[0]));
  const std::string_view host = words[0].substr(0, colon), port = words[0].substr(colon + 1);
  if (!is_host(host)) wrong("has no usable host: " + shown(words[0]));
  const auto [port_end, port_error] = std::from_chars(port.data(), port.data() + port.size(), out.https_port);
  if (port_error != std::errc() || port_end != port.data() + port.size() || out.https_port == 0)
    wrong("has a port that is not 1 to 65535: " + shown(port));
  out.host = std::string(host);
  if (words.size() < 2) wrong("has no key");
  const auto key = fixed_from_hex<32>(words[1]);
  if (!key) wrong("has a key that is not 64 hex digits: " + shown(words[1]));
  const auto x25519 = keys::x25519_from_ed25519(*key);
  if (!x25519) wrong("has a key that is no Ed25519 key: " + shown(words[1]));
  out.ed25519 = *key;
  out.x25519 = *x25519;
  if (words.size() > 2 && words[2] != "auto") {  // which the nodes find out themselves: unknown here
    const auto [end, error] = std::from_chars(words[2].data(), words[2].data() + words[2].size(), out.swarm, 16);
    if (error != std::errc() || end != words[2].data() + words[2].size())
      wrong("has a swarm that is neither \"auto\" nor up to 16 hex digits: " + shown(words[2]));
  }
  if (words.size() > 3) wrong("goes on after the swarm: " + shown(words[3]));
  return out;
}

std::vector<ServiceNode> parse_node_lines(std::string_view text, std::string_view source) {
  std::vector<ServiceNode> out;
  std::set<Fixed<32>> seen;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line = trimmed(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const std::string place = "Line " + std::to_string(number) + " of " + std::string(source) + " ";
    try {
      out.push_back(parse_node_line(line));
    } catch (const Error& error) {
      throw Error(error.code(), place + error.what() + ".", error.remedy());
    }
    if (!seen.insert(out.back().ed25519).second)
      throw Error(Code::invalid_argument,
                  place + "names the node " + to_hex(out.back().ed25519).substr(0, 8) + "... a second time.",
                  "Keep one of the two lines.");
    if (out.size() > max_nodes)
      throw Error(Code::invalid_argument,
                  std::string(source) + " lists more than " + std::to_string(max_nodes) + " nodes.");
  }
  return out;
}

}  // namespace argot::static_directory
