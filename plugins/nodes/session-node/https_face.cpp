#include "https_face.h"

#include "files.h"

namespace argot::node {
namespace {

constexpr std::size_t max_connections = 12'000;

}  // namespace

http::Certificate load_certificate(Context& ctx) {
  const auto directory = ctx.data_dir();
  const auto cert = read_file(directory / "cert.pem"), key = read_file(directory / "key.pem");
  http::Certificate out;
  if (cert && key) {
    out.certificate_pem = *cert;
    out.key_pem = *key;
    return out;
  }
  out = http::make_certificate(ctx, "localhost");
  replace_file(directory / "key.pem", out.key_pem, Access::owner_only);
  replace_file(directory / "cert.pem", out.certificate_pem);
  return out;
}

void open_server(std::optional<http::Server>& into, Context& ctx, Front& front, const http::Certificate& certificate,
                 int shards) {
  http::Limits limits;
  limits.max_body = Front::max_body;
  limits.max_connections = max_connections / static_cast<std::size_t>(shards);
  http::HandlerFunction handler = [face = &front](http::Request request) { return face->handle(std::move(request)); };
  try {
    into.emplace(ctx, std::move(handler), certificate, limits);
  } catch (const Error& error) {
    const std::string directory = ctx.data_dir().string();
    throw Error(error.code(), "The node's certificate in " + directory + " cannot be used: " + error.what(),
                "Remove cert.pem and key.pem there: the node makes new ones.");
  }
}

OnionDesk::Options onion_options(const Settings& settings, const std::string& address) {
  OnionDesk::Options out;
  std::string host = settings.has("public_host") ? settings.text("public_host") : std::string();
  if (host.empty()) host = address.substr(0, address.rfind(':'));
  out.private_servers = is_private_host(host);
  return out;
}

Task<std::unique_ptr<Listener>> listen_first(Context& ctx, int shards) {
  Handle<Network> network = ctx.service<Network>();
  Lease<Network> lease = network.lease();
  std::string address = ctx.settings().text("listen");
  std::unique_ptr<Listener> alone = co_await lease->listen(address);
  if (shards == 1) co_return alone;
  // That nobody else is there has now been seen, which a shared listener alone would not notice.
  address = alone->address();
  alone->close();
  alone.reset();
  std::unique_ptr<Listener> shared = co_await lease->listen_shared(address);
  co_return shared;
}

}  // namespace argot::node
