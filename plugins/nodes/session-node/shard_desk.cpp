#include "shard_desk.h"

#include "local_desk.h"
#include "rpc.h"

namespace argot::node {
namespace {

/// Answered from the list of nodes alone. (What oxend_request tells of other nodes only the first shard knows.)
bool needs_no_messages(const Call& call) {
  return std::holds_alternative<Info>(call.params) || std::holds_alternative<GetSwarm>(call.params) ||
         std::holds_alternative<ActiveNodes>(call.params);
}

}  // namespace

/// All parts that need an authentication have a good one. What is nested deeper, or refused, is looked at again by the
/// first shard, which says what is wrong with it.
bool ShardDesk::is_checked(const Call& call) const {
  const std::int64_t now = to_ms(ctx_.now());
  if (std::holds_alternative<IfElse>(call.params)) return false;
  const auto* batch = std::get_if<Batch>(&call.params);
  if (!batch) return !service_.refusal(call, now, Origin::client);
  for (const auto& part : batch->calls)
    if (service_.refusal(*part, now, Origin::client)) return false;
  return true;
}

Task<RpcAnswer> ShardDesk::serve(RpcCall call) {
  bool checked = false;
  {
    const Call parsed = parse_request(call.text);
    const std::int64_t now = to_ms(ctx_.now());
    if (needs_no_messages(parsed)) co_return written(service_.answer(parsed, now));
    if (auth_of(parsed)) {
      if (const auto refused = service_.refusal(parsed, now, Origin::client)) co_return written(*refused);
      checked = true;
    } else {
      checked = is_checked(parsed);
    }
  }
  Admission admission(admissions_, call.text.size());
  std::string body = encode_shard_call(call, checked);
  call.keeps.reset();
  LinkAnswer answer = co_await ask_first(Endpoint::shard_call, std::move(body));
  co_return from_link(std::move(answer));
}

Task<LinkAnswer> ShardDesk::ask_first(Endpoint endpoint, std::string body, Duration at_most) {
  ServiceNode first;
  first.host = "the first shard";
  first.ed25519 = service_.keys().ed25519();
  first.x25519 = service_.keys().x25519();
  try {
    LinkAnswer answer = co_await first_.ask(std::move(first), endpoint, std::move(body), at_most);
    co_return answer;
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    ctx_.debug("The first shard cannot be asked: " + error.sentence());
  }
  throw Refused(503, "Server busy, try again later");
}

}  // namespace argot::node
