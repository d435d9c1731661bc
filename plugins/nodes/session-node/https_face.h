#pragma once
// The HTTPS server of a node, the same in each of its shards.
#include <argot/http.h>

#include "front.h"

namespace argot::node {

/// The node's own, made at the first start and kept in its folder.
http::Certificate load_certificate(Context& ctx);
/// `shards`: how many share the node's connections.
void open_server(std::optional<http::Server>& into, Context& ctx, Front& front, const http::Certificate& certificate,
                 int shards);
/// What onions may be sent to: private addresses only by a node that has one itself.
OnionDesk::Options onion_options(const Settings& settings, const std::string& address);
/// Listens at the option `listen`, or, when there are several shards, so that the others can too.
Task<std::unique_ptr<Listener>> listen_first(Context& ctx, int shards);

}  // namespace argot::node
