#include "file_client.h"

#include <argot/identity.h>

#include "kept_file.h"

namespace argot::swarm {
namespace {

/// The status of an answer as an error; nothing when it is 200.
void check(const onion::ServerReply& reply, const std::string& server) {
  if (reply.code == 200) return;
  const std::string status = std::to_string(reply.code);
  switch (reply.code) {
    case 404:
      throw Error(Code::not_found, "The file server " + server + " has the file no more.",
                  "Ask for it to be sent again.");
    case 413:
      throw Error(Code::resource_exhausted, "The file is larger than the file server " + server + " takes.",
                  "Send a smaller one.");
    default: break;
  }
  if (reply.code >= 400 && reply.code < 500 && reply.code != 429 && reply.code != 425)
    throw Error(Code::invalid_argument, "The file server " + server + " refused a request (" + status + ").",
                "Check that the address is that of a file.");
  throw Error(Code::unavailable, "The file server " + server + " cannot serve now (" + status + ").",
              "Try again later.");
}

std::string name_of(const FileUrl& url) { return url.host + ":" + std::to_string(url.effective_port()); }

bool same_place(const FileUrl& a, const FileUrl& b) {
  return a.scheme == b.scheme && a.host == b.host && a.effective_port() == b.effective_port();
}

void add_ttl(onion::Headers& headers, Duration ttl) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ttl).count();
  if (seconds > 0) headers.emplace_back("X-FS-TTL", std::to_string(seconds));
}

/// Tells of progress, never backwards and never past the total before the end.
std::function<void(std::uint64_t)> bounded(const FileProgress& progress, std::uint64_t total) {
  if (!progress) return {};
  return [progress, total, last = std::uint64_t(0)](std::uint64_t done) mutable {
    if (total) done = std::min(done, total - 1);
    if (done <= last && done) return;
    last = done;
    progress(done, total);
  };
}

}  // namespace

FileServer FileServer::read(const std::string& url, const std::string& key) {
  FileServer out;
  out.address = FileUrl::parse(url + (url.ends_with('/') ? "file/x" : "/file/x"));
  out.address.id.clear();
  const bool official = key.empty() && out.address.host == FileClient::official_host;
  const auto ed25519 = fixed_from_hex<32>(official ? FileClient::official_key : key);
  const auto x25519 = ed25519 ? keys::x25519_from_ed25519(*ed25519) : std::nullopt;
  if (!x25519)
    throw Error(Code::invalid_argument, "The key of the file server " + name_of(out.address) + " is no Ed25519 key.",
                "Give the 64 hex digits that its operator tells.");
  out.ed25519 = *ed25519;
  out.x25519 = *x25519;
  return out;
}

void FileClient::start(Context& ctx, std::optional<FileServer> own) {
  ctx_ = &ctx;
  own_ = std::move(own);
}

FileStoreTraits FileClient::traits() const {
  FileStoreTraits out;
  out.max_file = max_file;
  out.hides_address = caller_ && caller_->hides_us();
  return out;
}

FileServer FileClient::server_of(const FileUrl& url) const {
  FileServer out;
  if (!url.server_key.empty()) {
    FileUrl base = url;
    base.id.clear();
    base.stream = false;
    const auto ed25519 = fixed_from_hex<32>(url.server_key);
    const auto x25519 = ed25519 ? keys::x25519_from_ed25519(*ed25519) : std::nullopt;
    if (!x25519)
      throw Error(Code::invalid_argument, "The address of a file on " + name_of(url) + " has a key that is none.",
                  "Ask for the file to be sent again.");
    out.address = std::move(base);
    out.ed25519 = *ed25519;
    out.x25519 = *x25519;
  } else if (own_ && same_place(own_->address, url)) {
    out = *own_;
  } else if (url.host == official_host) {
    out = FileServer::read(url.scheme + "://" + name_of(url), std::string(official_key));
    out.address.server_key.clear();
  } else {
    throw Error(Code::invalid_argument, "The address of a file names the server " + name_of(url) + " without its key.",
                "Ask for the file to be sent again.");
  }
  // Straight to a place that somebody else chose: they would learn our address.
  if (caller_ && !caller_->hides_us() && !(own_ && same_place(own_->address, url)) && url.host != official_host)
    throw Error(Code::permission_denied,
                "The file is on the server " + name_of(url) + ", which would see this machine's address.",
                "Use the route onion to fetch it.");
  return out;
}

ServerCaller& FileClient::caller() const {
  if (!caller_) throw Error(Code::unavailable, "The transport has stopped.", "Try again later.");
  return *caller_;
}

Task<onion::ServerReply> FileClient::ask(FileServer server, ServerCall call) {
  call.server.host = server.address.host;
  if (call.server.host.starts_with('[')) call.server.host = call.server.host.substr(1, call.server.host.size() - 2);
  call.server.port = server.address.effective_port();
  call.server.tls = server.address.scheme == "https";
  call.server.x25519 = server.x25519;
  onion::ServerReply reply = co_await caller().ask(std::move(call));
  check(reply, name_of(server.address));
  co_return reply;
}

Task<KeptFile> FileClient::upload(std::shared_ptr<const Bytes> file, Duration ttl, FileProgress progress) {
  if (!own_)
    throw Error(Code::invalid_argument, "No file server is configured, so files cannot be sent.",
                "Set the transport's options file_server and file_server_key.");
  if (file->empty() || file->size() > max_file)
    throw Error(Code::resource_exhausted,
                "An encrypted file of " + std::to_string(file->size()) + " bytes cannot be sent; the most are " +
                    std::to_string(max_file) + ".",
                "Send a smaller one.");
  const std::uint64_t total = file->size();
  ServerCall call;
  call.request.method = "POST";
  call.request.endpoint = "/file";
  call.request.headers = {{"Content-Type", "application/octet-stream"}, {"Content-Disposition", "attachment"}};
  add_ttl(call.request.headers, ttl);
  call.request.body = std::string(text_of(*file));
  file.reset();
  call.on_sent = bounded(progress, total);
  FileServer server = *own_;
  FileUrl base = server.address;
  onion::ServerReply reply = co_await ask(std::move(server), std::move(call));
  KeptFile out = parse_kept_file(reply.body, std::move(base), true);
  out.size = total;
  if (progress) progress(total, total);
  co_return out;
}

Task<Bytes> FileClient::download(std::string text, std::uint64_t most, FileProgress progress) {
  const FileUrl url = FileUrl::parse(text);
  ServerCall call;
  call.request.endpoint = "/file/" + url.id;
  call.on_received = bounded(progress, 0);
  FileServer server = server_of(url);
  onion::ServerReply reply = co_await ask(std::move(server), std::move(call));
  if (reply.body.size() > most)
    throw Error(Code::resource_exhausted,
                "A file on " + name_of(url) + " is larger than the " + std::to_string(most) + " bytes that it may be.",
                "It is not what its sender described.");
  const ByteView bytes = view(reply.body);
  if (progress) progress(bytes.size(), bytes.size());
  co_return Bytes(bytes.begin(), bytes.end());
}

Task<KeptFile> FileClient::info(std::string text) {
  FileUrl url = FileUrl::parse(text);
  ServerCall call;
  call.request.endpoint = "/file/" + url.id + "/info";
  FileServer server = server_of(url);
  onion::ServerReply reply = co_await ask(std::move(server), std::move(call));
  co_return parse_kept_file(reply.body, std::move(url), false);
}

Task<KeptFile> FileClient::extend(std::string text, Duration ttl) {
  FileUrl url = FileUrl::parse(text);
  ServerCall call;
  call.request.method = "POST";
  call.request.endpoint = "/file/" + url.id + "/extend";
  add_ttl(call.request.headers, ttl);
  FileServer server = server_of(url);
  onion::ServerReply reply = co_await ask(std::move(server), std::move(call));
  co_return parse_kept_file(reply.body, std::move(url), false);
}

}  // namespace argot::swarm
