#include "swarm_transport.h"

#include "direct_caller.h"
#include "swarm_requests.h"

namespace argot::swarm {
namespace {

constexpr std::size_t change_attempts = 3;
constexpr std::size_t hashes_per_call = 1000;
constexpr Duration fastest_poll = std::chrono::milliseconds(10), slowest_poll = std::chrono::seconds(60);

void must_own(const Identity* owner, const Mailbox& mailbox) {
  if (!owner || owner->id() != mailbox.account)
    throw Error(Code::permission_denied, "A mailbox was asked for without the keys of its owner.");
}

/// What cannot be a hash is unknown to every node: the whole request would be refused for it.
std::vector<std::vector<std::string>> in_portions(std::vector<std::string> hashes) {
  std::vector<std::vector<std::string>> out;
  for (std::string& hash : hashes) {
    if (!is_message_hash(hash)) continue;
    if (out.empty() || out.back().size() >= hashes_per_call) out.emplace_back();
    out.back().push_back(std::move(hash));
  }
  return out;
}

}  // namespace

void* SwarmTransport::interface(std::string_view id) noexcept {
  if (id == Vectors::interface_id) return static_cast<Vectors*>(this);
  if (id == Paths::interface_id) return static_cast<Paths*>(this);
  if (id == FileStore::interface_id) return static_cast<FileStore*>(&files_);
  return PluginOf<Transport>::interface(id);
}

Task<> SwarmTransport::start(Context& ctx) {
  ctx_ = &ctx;
  const Settings& settings = ctx.settings();
  const Duration interval = settings.duration("poll_interval"), timeout = settings.duration("timeout");
  const Duration rotate = settings.duration("rotate");
  // Tests leave options out.
  const Duration news = settings.has("node_list") ? settings.duration("node_list") : Duration::zero();
  const std::string& route = settings.text("route");
  auto wrong = [&](const char* option, const char* wanted) {
    return Error(Code::invalid_argument,
                 std::string("The option ") + option + " of \"" + ctx.name() + "\" is not " + wanted + ".");
  };
  if (interval < fastest_poll || interval > slowest_poll) throw wrong("poll_interval", "between 10ms and 60s");
  if (timeout <= Duration::zero() || timeout > std::chrono::minutes(5)) throw wrong("timeout", "between 1ms and 5m");
  if (rotate < Duration::zero() || (rotate > Duration::zero() && rotate < std::chrono::seconds(10)))
    throw wrong("rotate", "0s or at least 10s");
  if (news < Duration::zero() || (news > Duration::zero() && news < std::chrono::minutes(1)))
    throw wrong("node_list", "0s or at least 1m");
  if (route != "onion" && route != "direct") throw wrong("route", "onion or direct");
  const std::string file_server = settings.has("file_server") ? settings.text("file_server") : std::string();
  std::optional<FileServer> own;
  if (!file_server.empty()) {
    own = FileServer::read(file_server, settings.has("file_server_key") ? settings.text("file_server_key") : "");
    // Others take the official server for granted, all others they are told.
    if (own->address.host != FileClient::official_host || to_hex(own->ed25519) != FileClient::official_key)
      own->address.server_key = to_hex(own->ed25519);
  }
  files_.start(ctx, std::move(own));
  pool_ = NodePool(ctx, ctx.service<Directory>());
  std::unique_ptr<NodeCaller> caller;
  if (route == "onion") {
    auto onion = std::make_unique<OnionCaller>(ctx, ctx.service<Network>(), pool_,
                                               GuardFile(ctx, ctx.data_dir() / "guards"), timeout, rotate);
    onion_ = onion.get();
    files_.reach_servers_through(onion.get());
    caller = std::move(onion);
  } else {
    onion_ = nullptr;
    auto direct = std::make_unique<DirectCaller>(ctx, ctx.service<Network>(), timeout);
    files_.reach_servers_through(direct.get());
    caller = std::move(direct);
  }
  client_ = std::make_unique<SwarmClient>(ctx, pool_, std::move(caller));
  poller_ = std::make_unique<Poller>(ctx, *client_, interval, settings.flag("push"));
  news_ = std::make_shared<NodeNews>(ctx, pool_, *client_, news);
  if (onion_ && news > Duration::zero()) news_->begin();
  co_return;
}

Task<> SwarmTransport::stop() {
  // The rest stays: calls under way still end in it.
  news_->end();
  co_await client_->caller().close();  // which ends what news waits for
  co_await news_->close();
}

Task<bool> SwarmTransport::ask_for_nodes() { return news_->ask(); }

void SwarmTransport::reach_nodes_through(std::unique_ptr<NodeCaller> caller) {
  onion_ = nullptr;
  files_.reach_servers_through(nullptr);
  client_->reach_nodes_through(std::move(caller));
}

TransportTraits SwarmTransport::traits() const {
  TransportTraits traits;
  traits.offline_delivery = true;
  traits.hides_sender_address = traits.hides_receiver_address = onion_ != nullptr;
  traits.pushes = poller_ && poller_->pushes();
  traits.max_envelope = max_envelope;
  traits.max_ttl = max_inbox_ttl;
  return traits;
}

Duration SwarmTransport::clock_offset() const { return client_ ? client_->clock_offset() : Duration(); }

std::vector<PathView> SwarmTransport::paths() const { return onion_ ? onion_->paths() : std::vector<PathView>(); }

Task<> SwarmTransport::build_path() {
  if (onion_) co_await onion_->build_path();
}

Task<StoreReceipt> SwarmTransport::store(StoreRequest request) {
  const Mailbox mailbox = request.mailbox;
  const bool open = is_public_inbox(mailbox.ns);
  const Duration max_ttl = open ? max_inbox_ttl : max_private_ttl;
  if (request.envelope.size() > max_envelope)
    throw Error(Code::invalid_argument,
                "An envelope of " + std::to_string(request.envelope.size()) + " bytes is larger than the " +
                    std::to_string(max_envelope) + " that service nodes take.",
                "Send less in one message.");
  if (request.ttl < min_ttl || request.ttl > max_ttl)
    throw Error(Code::invalid_argument, std::string("Service nodes keep an envelope for 10 seconds to ") +
                                            (open ? "14" : "30") + " days, not for " +
                                            std::to_string(request.ttl / std::chrono::milliseconds(1)) + " ms.");
  if (!open) must_own(request.signer, mailbox);
  const std::string hash = keys::message_hash(mailbox.account, mailbox.ns, request.envelope);

  SwarmClient::MakeParams params = [&](const ServiceNode& node) {
    // Neither this node nor those it passes the envelope on to take one from their future.
    const std::int64_t clock = client_->clock_ms(node), sent = std::min(client_->network_ms(), clock);
    return request::store(mailbox, request.envelope, request.ttl, sent, clock, open ? nullptr : request.signer);
  };
  SwarmClient::Ask ask(mailbox.account, "store", std::move(params), 1);
  SwarmClient::Answer answer = co_await client_->ask(std::move(ask));
  StoreReply stored;
  try {
    stored = parse_store(answer.body, answer.node, hash);
  } catch (const Error& error) {
    throw client_->bad_reply(answer.node, "store", error);
  }
  client_->observe(answer.node, stored.common);
  if (!stored.stored) {
    if (stored.lie)
      client_->lied(answer.node);
    else
      client_->worked_badly(answer.node);
    throw Error(Code::unavailable, "Node " + name_of_node(answer.node) + " " + stored.problem + ".",
                "The node is avoided for a while; the envelope will be stored at another one.");
  }
  poller_->stored();
  StoreReceipt receipt;
  receipt.hash = hash;
  receipt.stored_at = stored.common.node_ms ? from_ms(stored.common.node_ms) : client_->network_time();
  receipt.expires_at = stored.expiry_ms ? from_ms(stored.expiry_ms) : receipt.stored_at + request.ttl;
  receipt.already = stored.already;
  receipt.route = std::move(answer.route);
  co_return receipt;
}

Task<Batch> SwarmTransport::receive(ReceiveRequest request) {
  must_own(request.owner, request.mailbox);
  Batch batch = co_await poller_->receive(std::move(request));
  co_return batch;
}

// --- removing and expiring ---

Task<> SwarmTransport::change(AccountId account, std::string method, std::vector<std::string> hashes,
                              std::optional<std::int64_t> expiry_ms,
                              std::function<boost::json::object(const std::vector<std::string>&)> params) {
  const auto portions = in_portions(std::move(hashes));
  for (std::size_t from = 0; from < portions.size(); from += request::max_calls) {
    const std::size_t count = std::min(request::max_calls, portions.size() - from);
    SwarmClient::MakeParams make = [&](const ServiceNode&) {
      if (count == 1) return params(portions[from]);
      request::Calls calls;
      for (std::size_t i = 0; i < count; ++i) calls.emplace_back(method, params(portions[from + i]));
      return request::together(std::move(calls));
    };
    SwarmClient::Ask ask(account, count == 1 ? method : "sequence", std::move(make), change_attempts);
    ask.parts = count == 1 ? 0 : count;
    SwarmClient::Answer answer = co_await client_->ask(std::move(ask));
    std::size_t done = 0;
    bool lie = false;
    auto take = [&](const ManyReply& reply) {
      done += reply.succeeded > 0;
      lie |= reply.lie;
    };
    try {
      if (count == 1) {
        const ManyReply reply = parse_many(answer.body, answer.node, Change{account, portions[from], expiry_ms});
        client_->observe(answer.node, reply.common);
        take(reply);
      } else {
        std::size_t at = from;
        for (const Part& part : parse_parts(answer.body, count)) {
          const Change change{account, portions[at++], expiry_ms};
          if (part.status == 200 && part.body.is_object())
            take(parse_many(part.body.get_object(), answer.node, change));
        }
      }
    } catch (const Error& error) {
      throw client_->bad_reply(answer.node, method, error);
    }
    if (lie) {
      client_->lied(answer.node);
      throw Error(Code::unavailable,
                  "Node " + name_of_node(answer.node) + " did not sign what it says that it did of " + method + ".",
                  "The node is avoided for a while; another one will be asked when it is tried again.");
    }
    if (done < count)
      throw Error(Code::unavailable,
                  "Node " + name_of_node(answer.node) + " says that no node of the swarm did all of " + method + ".",
                  "Try again later.");
  }
}

Task<> SwarmTransport::remove(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes) {
  must_own(&owner, mailbox);
  std::function<boost::json::object(const std::vector<std::string>&)> params =
      [&](const std::vector<std::string>& portion) { return request::remove(mailbox, owner, portion); };
  co_await change(mailbox.account, "delete", std::move(hashes), std::nullopt, std::move(params));
}

Task<> SwarmTransport::expire(const Identity& owner, Mailbox mailbox, std::vector<std::string> hashes, Time at) {
  must_own(&owner, mailbox);
  std::function<boost::json::object(const std::vector<std::string>&)> params =
      [&](const std::vector<std::string>& portion) { return request::expire(mailbox, owner, portion, to_ms(at)); };
  co_await change(mailbox.account, "expire", std::move(hashes), to_ms(at), std::move(params));
}

}  // namespace argot::swarm
