#include "file_server.h"

#include <sodium.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

namespace argot::files {
namespace {

constexpr std::string_view onion_target = "/oxen/v4/lsrpc";
constexpr Duration sweep_pause = std::chrono::minutes(1);

http::Response answer(unsigned status, std::string text) {
  http::Response out;
  out.status = status;
  out.headers.emplace_back("Content-Type", "text/plain");
  out.body = std::move(text);
  return out;
}

/// Counts its bytes until the reader has them.
struct SealedAnswer {
  SealedAnswer(std::shared_ptr<std::size_t> all, Bytes sealed) : bytes(std::move(sealed)), counted(std::move(all)) {
    *counted += bytes.size();
  }
  SealedAnswer(const SealedAnswer&) = delete;
  ~SealedAnswer() { *counted -= bytes.size(); }
  Bytes bytes;
  std::size_t at = 0;
  std::shared_ptr<std::size_t> counted;
};

Task<std::string> next_of(std::shared_ptr<SealedAnswer> sealed) {
  std::string out(text_of(sealed->bytes).substr(sealed->at, Routes::piece));
  sealed->at += out.size();
  co_return out;
}

void write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
  const auto fresh = path.string() + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  const bool good = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    ::fsync(file) == 0 && ::rename(fresh.c_str(), path.c_str()) == 0;
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (!good)
    throw Error(Code::unavailable, "The file " + path.string() + " cannot be written: " + std::strerror(reason) + ".",
                "Check the directory's permissions and the disk's free space.");
}

ServerKey load_key(Context& ctx, const std::string& seed_hex) {
  std::string text = seed_hex;
  const auto path = ctx.data_dir() / "server.key";
  if (text.empty()) {
    std::ifstream file(path);
    if (file) {
      text.assign(std::istreambuf_iterator<char>(file), {});
    } else {
      Secret seed(32);
      ctx.random(seed.span());
      text = to_hex(seed.view()) + "\n";
      write_file(path, text, 0600);
    }
  }
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  auto seed = fixed_from_hex<32>(text);
  wipe({reinterpret_cast<Byte*>(text.data()), text.size()});
  if (!seed)
    throw Error(seed_hex.empty() ? Code::corrupt : Code::invalid_argument,
                seed_hex.empty() ? "The file server's key file " + path.string() + " is damaged."
                                 : "The option key_seed is not 64 hex digits.",
                "Give 32 bytes in hex, or restore the file from a copy; addresses of files name this key.");
  ServerKey key(*seed);
  wipe(*seed);
  return key;
}

/// "desktop=v1.17.17@1750000000": platform, version, and since when (may be left out).
std::map<std::string, Release> read_releases(const std::vector<std::string>& lines) {
  std::map<std::string, Release> out;
  for (const std::string& line : lines) {
    const auto equals = line.find('=');
    const auto at = std::min(line.find('@'), line.size());
    Release release;
    bool good = equals != std::string::npos && equals > 0 && at > equals + 1;
    if (good) release.version = line.substr(equals + 1, at - equals - 1);
    if (good && at < line.size()) {
      const auto [end, failure] = std::from_chars(line.data() + at + 1, line.data() + line.size(), release.updated_s);
      good = failure == std::errc{} && end == line.data() + line.size();
    }
    if (!good || release.version.find_first_of("\"\\") != std::string::npos)
      throw Error(Code::invalid_argument, "The option releases has \"" + line + "\", which names no release.",
                  "Write platform=version, such as desktop=v1.17.17, or with a time: desktop=v1.17.17@1750000000.");
    out[line.substr(0, equals)] = release;
  }
  return out;
}

}  // namespace

ServerKey::ServerKey(ByteView seed32) : secret_(crypto_scalarmult_SCALARBYTES) {
  Secret whole(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(ed25519_.data(), whole.data(), seed32.data());
  if (crypto_sign_ed25519_sk_to_curve25519(secret_.data(), whole.data()) != 0)
    throw Error(Code::internal, "A server's key has no X25519 form.");
  crypto_scalarmult_base(x25519_.data(), secret_.data());
}

Task<http::Response> Gate::handle(http::Request request) {
  if (inside_ >= max_inside) co_return answer(503, "Server busy, try again later");
  struct Inside {
    std::size_t& count;
    explicit Inside(std::size_t& c) : count(c) { ++count; }
    Inside(const Inside&) = delete;
    ~Inside() { --count; }
  } inside(inside_);
  if (request.method == "POST" && request.target == onion_target)
    co_return co_await onion_request(std::move(request.body));
  co_return co_await plain_request(std::move(request));
}

Task<http::Response> Gate::onion_request(std::string body) {
  std::optional<onion::Channel> channel;
  onion::ServerRequest request;
  try {
    const onion::Layer layer = onion::parse_request(view(body));
    channel = onion::Channel::of_node(layer.cipher, key_.x25519_secret(), key_.x25519(), layer.ephemeral_key);
    auto plain = channel ? channel->open(layer.ciphertext) : std::nullopt;
    if (!plain) co_return answer(400, "Invalid ciphertext");
    body = {};
    request = onion::decode_server_request(*plain);
  } catch (const Error& error) {
    co_return answer(400, std::string("Error parsing onion request: ") + error.what());
  }
  onion::ServerReply reply = co_await routes_.answer(std::move(request));
  std::string plain = onion::encode(reply);
  reply = {};  // a large file is there twice at most
  if (*answers_ + plain.size() > max_answers) co_return answer(503, "Server busy, try again later");
  auto sealed = std::make_shared<SealedAnswer>(answers_, channel->seal(view(plain)));
  plain = {};
  http::Response out;
  out.headers.emplace_back("Content-Type", "application/octet-stream");
  http::Pieces pieces;
  pieces.size = sealed->bytes.size();
  pieces.next = [sealed] { return next_of(sealed); };
  out.pieces = std::move(pieces);
  co_return out;
}

/// Without an onion: some clients do, and so does whoever tests the server.
Task<http::Response> Gate::plain_request(http::Request request) {
  if (auto streamed = co_await routes_.stream(request.method, request.target)) co_return std::move(*streamed);
  onion::ServerRequest inner;
  inner.method = std::move(request.method);
  inner.endpoint = std::move(request.target);
  inner.headers = std::move(request.headers);
  if (!request.body.empty()) inner.body = std::move(request.body);
  onion::ServerReply reply = co_await routes_.answer(std::move(inner));
  http::Response out;
  out.status = reply.code;
  out.headers = std::move(reply.headers);
  out.body = std::move(reply.body);
  co_return out;
}

struct FileServer::Running {
  Running(Context& ctx, ServerKey k, const std::filesystem::path& directory, std::uint64_t min_free,
          RouteOptions options)
      : key(std::move(k)),
        store(directory, min_free),
        routes(ctx, store, std::move(options)),
        gate(key, routes),
        tick(ctx) {}
  ServerKey key;
  FileStore store;
  Routes routes;
  Gate gate;
  std::optional<http::Server> server;
  Doorbell tick;
  std::size_t working = 0;
  bool stopping = false;
};

Task<> FileServer::start(Context& ctx) {
  ctx_ = &ctx;
  const Settings& settings = ctx.settings();
  RouteOptions options;
  options.max_file = static_cast<std::uint64_t>(settings.number("max_file"));
  options.ttl_s = std::chrono::duration_cast<std::chrono::seconds>(settings.duration("ttl")).count();
  if (options.ttl_s <= 0 || options.max_file == 0 || options.max_file > onion::max_request)
    throw Error(Code::invalid_argument, "The file server's options ttl or max_file make no sense.",
                "ttl must be at least 1s, max_file between 1 byte and 10 MiB.");
  if (settings.has("releases")) options.releases = read_releases(settings.list("releases"));
  const std::string seed = settings.has("key_seed") ? settings.text("key_seed") : std::string();
  running_ = std::make_shared<Running>(ctx, load_key(ctx, seed), ctx.data_dir(),
                                       static_cast<std::uint64_t>(settings.number("min_free")), std::move(options));
  std::unique_ptr<Listener> listener;
  {
    Handle<Network> network = ctx.service<Network>();
    Lease<Network> lease = network.lease();
    std::string address = settings.text("listen");
    listener = co_await lease->listen(std::move(address));
  }
  http::Limits limits;
  limits.max_body = onion::max_request;
  limits.timeout = std::chrono::seconds(30);
  limits.max_connections = 256;  // each may be sending a sealed file, which is in memory until it is whole
  auto running = running_;
  http::HandlerFunction handler = [running](http::Request request) { return running->gate.handle(std::move(request)); };
  running_->server.emplace(ctx, std::move(handler), std::nullopt, limits);
  const std::string address = listener->address(), key = to_hex(running_->key.ed25519());
  if (settings.has("announce_file") && !settings.text("announce_file").empty())
    write_file(settings.text("announce_file"),
               "http://" + address + "#p=" + key + " " + to_hex(running_->key.x25519()) + "\n", 0644);
  ctx.info("File server " + key + " (X25519 " + to_hex(running_->key.x25519()) + ") listens on " + address + ".");
  ctx.spawn("file server", running_->server->serve(std::move(listener)));
  ctx.spawn("removing expired files", sweep(running_));
}

Task<> FileServer::sweep(std::shared_ptr<Running> running) {
  for (std::size_t shard = 0; !running->stopping; ++shard) {
    co_await running->tick.wait(ctx_->uptime() + sweep_pause);
    if (running->stopping) break;
    auto work = [running, shard, now = to_ms(ctx_->now())] { return running->store.sweep(shard, now); };
    const std::size_t removed = co_await ctx_->offload(std::move(work));
    if (removed > 0) ctx_->debug(std::to_string(removed) + " expired files were removed.");
  }
}

Task<> FileServer::stop() {
  running_->stopping = true;
  running_->tick.ring();
  co_await running_->server->finish();
  running_->server.reset();
}

}  // namespace argot::files
