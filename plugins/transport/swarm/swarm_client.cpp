#include "swarm_client.h"

#include "swarm_requests.h"

namespace argot::swarm {

constexpr std::size_t lookup_attempts = 3;

// --- finding a swarm ---

Task<std::vector<ServiceNode>> SwarmClient::swarm_of(AccountId account) {
  if (const auto* known = swarms_.find(account)) {
    const bool avoided = std::ranges::all_of(*known, [this](const ServiceNode& node) { return is_avoided(node); });
    if (!avoided) co_return *known;
    swarms_.forget(account);  // a node that says it is all of the swarm would keep us to itself
  }
  std::vector<ServiceNode> all = co_await pool_.nodes();
  std::vector<ServiceNode> members = pool_.swarm_of(account);
  if (!members.empty()) {  // as the directory says; a node that knows better will say so
    swarms_.set(account, members);
    co_return members;
  }
  all = choice_.order(ctx_, std::move(all));
  if (all.size() > lookup_attempts) all.resize(lookup_attempts);
  std::optional<Error> last;
  for (const ServiceNode& node : all) {
    try {
      boost::json::object params = request::get_swarm(account);
      Reply reply = co_await call(node, "get_swarm", std::move(params), Duration());
      if (reply.status != 200) throw refusal(node, "get_swarm", reply);
      SwarmReply swarm;
      try {
        swarm = parse_swarm(reply.body);
      } catch (const Error& error) {
        throw bad_reply(node, "get_swarm", error);
      }
      co_await learn_swarm(node, account, std::move(swarm));
      const auto* learned = swarms_.find(account);
      if (!learned || learned->empty()) {
        swarms_.forget(account);
        throw Error(Code::unavailable, "Node " + name_of_node(node) + " knows no swarm for " + account.brief() + ".",
                    "The network may be starting; try again later.");
      }
      choice_.worked(node);
      co_return *learned;
    } catch (const WayError&) {
      throw;  // other nodes are no nearer
    } catch (const Error& error) {
      if (error.code() == Code::cancelled) throw;
      last = error;
    }
  }
  co_await pool_.refresh();
  throw Error(last->code() == Code::timeout ? Code::timeout : Code::unavailable, last->what(), last->remedy());
}

Task<> SwarmClient::learn_swarm(ServiceNode teller, AccountId account, SwarmReply reply) {
  observe(teller, reply.common);
  std::map<Fixed<32>, ServiceNode> known;
  std::vector<ServiceNode> all = co_await pool_.nodes();
  for (ServiceNode& node : all) known.emplace(node.ed25519, std::move(node));
  std::vector<ServiceNode> members;
  for (ServiceNode& node : reply.nodes) {
    // Else one node could send us, with everybody's keys, to an address of its choice ...
    if (auto found = known.find(node.ed25519); found != known.end()) {
      const std::uint64_t swarm = node.swarm;
      node = found->second;
      node.swarm = swarm;
    } else if (keys::x25519_from_ed25519(node.ed25519) != node.x25519) {
      continue;  // ... or have what is meant for another encrypted to itself
    }
    if (std::ranges::none_of(members, [&](const ServiceNode& m) { return m.ed25519 == node.ed25519; }))
      members.push_back(std::move(node));
  }
  swarms_.set(account, std::move(members));
}

void SwarmClient::observe(const ServiceNode& node, const Common& common) {
  if (common.node_ms) time_.observe(node.ed25519, common.node_ms, ctx_.now());
}

// --- one node ---

Task<Reply> SwarmClient::call(ServiceNode node, std::string method, boost::json::object params, Duration held) {
  try {
    Reply reply = co_await caller_->call(node, std::move(method), std::move(params), held);
    co_return reply;
  } catch (const WayError&) {
    throw;
  } catch (const Error& error) {
    if (error.code() != Code::cancelled) choice_.failed(node, ctx_.uptime());
    throw;
  }
}

Error SwarmClient::bad_reply(const ServiceNode& node, const std::string& method, const Error& why) {
  choice_.failed(node, ctx_.uptime());
  return Error(Code::unavailable, "The answer of node " + name_of_node(node) + " to " + method + " " + why.what() + ".",
               "The node is avoided for a while; another one will be asked.");
}

Error SwarmClient::refusal(const ServiceNode& node, const std::string& method, const Reply& reply) {
  // One node's word is never final: another may see it differently, so the caller may try again.
  if (reply.status >= 500 || reply.status == 429 || reply.status == 406) choice_.failed(node, ctx_.uptime());
  std::string remedy = "Another node will be asked next time.";
  if (reply.status == 406) remedy = "Check this machine's clock if it happens again.";
  if (reply.status == 429)
    remedy = "The node has had too many requests from this address; another one will be asked next time.";
  return Error(Code::unavailable,
               "Node " + name_of_node(node) + " refused " + method + ": " + std::to_string(reply.status) + " " +
                   as_quote(reply.body) + ".",
               remedy);
}

/// A node says that our clock is wrong: what time it has, it says there or when it is asked (onion.md section 7).
Task<> SwarmClient::set_clock(ServiceNode node, Reply refusal) {
  try {
    const Common common = parse_common(parse_object(refusal.body));
    if (common.node_ms) {
      observe(node, common);
      co_return;
    }
  } catch (const Error&) {
    // It said so in words.
  }
  boost::json::object none;
  Reply reply = co_await call(node, "info", std::move(none), Duration());
  if (reply.status != 200) co_return;
  try {
    observe(node, parse_common(parse_object(reply.body)));
  } catch (const Error& error) {
    throw bad_reply(node, "info", error);
  }
}

Task<Reply> SwarmClient::call_in_time(ServiceNode node, const Ask& ask, Course& course) {
  for (;;) {
    boost::json::object params = ask.params(node);
    Reply reply = co_await call(node, ask.method, std::move(params), ask.held);
    if (reply.status == 200 && ask.parts) {
      std::optional<Error> bad;
      try {
        if (auto refused = common_refusal(parse_parts(reply.body, ask.parts))) {
          refused->route = std::move(reply.route);
          reply = std::move(*refused);
        }
      } catch (const Error& error) {
        bad = bad_reply(node, ask.method, error);
      }
      if (bad) throw *bad;
    }
    if ((reply.status != 406 && reply.status != 425) || course.clocked == node.ed25519) co_return reply;
    course.clocked = node.ed25519;
    co_await set_clock(node, reply);
  }
}

// --- a swarm ---

Task<std::vector<ServiceNode>> SwarmClient::candidates(const Ask& ask) {
  std::vector<ServiceNode> list = co_await swarm_of(ask.account);
  list = choice_.order(ctx_, std::move(list));
  // A node that knows our address should not also learn what we fetch, when there is another.
  std::stable_partition(list.begin(), list.end(),
                        [this](const ServiceNode& node) { return !caller_->knows_us(node) && !is_avoided(node); });
  if (ask.first)
    if (auto at = std::ranges::find(list, *ask.first, &ServiceNode::ed25519); at != list.end() && !is_avoided(*at))
      std::rotate(list.begin(), at, at + 1);
  if (list.size() > ask.nodes) list.resize(ask.nodes);
  co_return list;
}

Task<bool> SwarmClient::follow(ServiceNode node, AccountId account, Reply reply, Course& course) {
  course.last.emplace(Code::unavailable,
                      "Node " + name_of_node(node) + " says that it is not in the swarm of " + account.brief() + ".",
                      "The swarm is looked up again.");
  swarms_.forget(account);
  if (course.moved) co_return false;
  course.moved = true;
  std::optional<SwarmReply> swarm;
  try {
    swarm = parse_swarm(reply.body);
  } catch (const Error&) {
    // Then get_swarm will tell.
  }
  if (swarm && !swarm->nodes.empty()) co_await learn_swarm(node, account, std::move(*swarm));
  if (const auto* members = swarms_.find(account); members && members->empty()) swarms_.forget(account);
  co_return true;
}

Task<SwarmClient::Answer> SwarmClient::ask(Ask ask) {
  Course course;
  for (bool again = true; std::exchange(again, false);) {
    std::vector<ServiceNode> list = co_await candidates(ask);
    for (const ServiceNode& node : list) {
      try {
        Reply reply = co_await call_in_time(node, ask, course);
        if (reply.status == 200) {
          choice_.worked(node);
          Answer answer;
          answer.node = node;
          answer.body = std::move(reply.body);
          answer.route = std::move(reply.route);
          answer.route.push_back("node " + name_of_node(node));
          co_return answer;
        }
        if (reply.status == 421) {
          again = co_await follow(node, ask.account, std::move(reply), course);
          break;
        }
        throw refusal(node, ask.method, reply);
      } catch (const WayError& error) {
        throw Error(error.code() == Code::timeout ? Code::timeout : Code::unavailable, error.what(), error.remedy());
      } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        course.last = error;
      }
    }
  }
  const auto* members = swarms_.find(ask.account);
  if (members && std::ranges::all_of(*members, [this](const ServiceNode& node) { return is_avoided(node); })) {
    swarms_.forget(ask.account);  // it may be another one by now
    co_await pool_.refresh();
  }
  throw Error(course.last->code() == Code::timeout ? Code::timeout : Code::unavailable, course.last->what(),
              course.last->remedy());
}

}  // namespace argot::swarm
