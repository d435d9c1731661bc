#include "node_news.h"

#include <argot/node_list.h>

#include <algorithm>
#include <map>

namespace argot::swarm {

std::vector<ServiceNode> agreed(std::vector<std::vector<ServiceNode>> lists) {
  std::vector<ServiceNode> out;
  if (lists.empty()) return out;
  std::vector<std::map<Fixed<32>, const ServiceNode*>> others(lists.size() - 1);
  for (std::size_t i = 1; i < lists.size(); ++i)
    for (const ServiceNode& node : lists[i]) others[i - 1].emplace(node.ed25519, &node);
  for (const ServiceNode& first : lists.front()) {
    ServiceNode node = first;
    const bool everywhere = std::ranges::all_of(others, [&](const auto& list) {
      const auto found = list.find(node.ed25519);
      if (found == list.end() || found->second->address() != node.address()) return false;
      if (found->second->swarm != node.swarm) node.swarm = ServiceNode().swarm;
      return true;
    });
    if (everywhere) out.push_back(std::move(node));
  }
  return out;
}

std::vector<ServiceNode> parse_service_nodes(std::string_view body) {
  const boost::json::object reply = parse_object(body);
  const boost::json::value* result = reply.if_contains("result");
  // Some nodes pass on the daemon's whole answer, which has a result of its own.
  if (result && result->is_object() && !result->get_object().contains("service_node_states"))
    if (const boost::json::value* inner = result->get_object().if_contains("result")) result = inner;
  if (!result || !result->is_object()) throw Error(Code::corrupt, "has no \"result\"");
  return parse_node_list(result->get_object()).nodes;
}

void NodeNews::begin() {
  running_ = true;
  ctx_.spawn("asking nodes for nodes", run());
}

void NodeNews::end() {
  closed_ = true;
  bell_.ring();
}

Task<> NodeNews::close() {
  end();
  while (running_) co_await over_.wait(std::nullopt);
}

Task<> NodeNews::run() {
  auto self = shared_from_this();
  while (!closed_) {
    // Not all clients of a machine, nor those that started together, at the same time.
    const auto tenth = static_cast<std::uint64_t>(std::max<std::int64_t>(every_.count() / 5, 1));
    const std::optional<Duration> until =
        ctx_.uptime() + every_ - every_ / 10 + Duration(std::int64_t(ctx_.random_below(tenth)));
    try {
      while (!closed_ && ctx_.uptime() < *until) co_await bell_.wait(until);
      if (closed_) break;
      const bool enough = co_await ask();
      if (!enough) ctx_.debug("The nodes do not agree on enough nodes; the directory asks for itself.");
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) break;
      ctx_.debug("Nodes could not be asked for nodes: " + error.sentence());
    } catch (...) {
      ctx_.debug("Nodes could not be asked for nodes: " + to_error(std::current_exception()).sentence());
    }
  }
  running_ = false;
  over_.ring();
}

Task<bool> NodeNews::ask() {
  std::vector<ServiceNode> nodes = co_await pool_.nodes();
  std::vector<std::vector<ServiceNode>> lists;
  for (std::size_t asked = 0; asked < most_asked && lists.size() < lists_wanted && !nodes.empty() && !closed_;
       ++asked) {
    const std::size_t at = static_cast<std::size_t>(ctx_.random_below(nodes.size()));
    const ServiceNode node = nodes[at];
    nodes.erase(nodes.begin() + std::ptrdiff_t(at));
    if (client_.is_avoided(node)) continue;
    try {
      boost::json::object params;
      params["endpoint"] = "get_service_nodes";
      params["params"] = node_list_params();
      std::string method = "oxend_request";
      const Reply reply = co_await client_.caller().call(node, std::move(method), std::move(params));
      if (reply.status != 200) continue;
      lists.push_back(parse_service_nodes(reply.body));
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      ctx_.debug("Node " + name_of_node(node) + " was asked for nodes: " + error.sentence());
    }
  }
  if (lists.size() < lists_wanted || closed_) co_return false;
  std::vector<ServiceNode> common = agreed(std::move(lists));
  if (common.size() < least_agreed) co_return false;
  pool_.offer(std::move(common));
  co_return true;
}

}  // namespace argot::swarm
