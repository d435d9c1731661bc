#include "local_desk.h"

#include "rpc.h"
#include "to_json.h"

namespace argot::node {

RpcAnswer written(const Reply& reply) {
  RpcAnswer out;
  out.status = reply.status;
  const auto* text = reply.body.if_string();
  out.is_json = !text || reply.is_json;
  out.body = out.is_json ? to_json(reply) : std::string(*text);
  return out;
}

Task<RpcAnswer> LocalDesk::serve(RpcCall call) { return serve_from(std::move(call), Origin::client); }

Task<RpcAnswer> LocalDesk::serve_from(RpcCall call, Origin origin) {
  const std::size_t bytes = call.text.size();
  auto parsed = std::make_shared<const Call>(parse_request(call.text));
  call.keeps.reset();
  const Reply reply = co_await dispatcher_.serve(std::move(parsed), bytes, origin);
  co_return written(reply);
}

}  // namespace argot::node
