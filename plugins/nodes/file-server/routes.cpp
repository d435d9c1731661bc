#include "routes.h"

#include <argot/identity.h>

#include <charconv>
#include <cstdio>
#include <ctime>

namespace argot::files {
namespace {

constexpr std::int64_t signature_window_s = 86'400;

onion::ServerReply reply(unsigned code, std::string body, std::string_view type) {
  onion::ServerReply out;
  out.code = code;
  out.headers.emplace_back("content-type", type);
  out.headers.emplace_back("content-length", std::to_string(body.size()));
  out.body = std::move(body);
  return out;
}
onion::ServerReply json(std::string text) { return reply(200, std::move(text), "application/json"); }
onion::ServerReply refusal(unsigned code, std::string_view why) {
  return reply(code, "{\"status_code\":" + std::to_string(code) + ",\"error\":\"" + std::string(why) + "\"}",
               "application/json");
}

/// Header names do not mind their case.
std::string_view header(const onion::ServerRequest& request, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const auto& [key, value] : request.headers)
    if (key.size() == name.size() &&
        std::equal(key.begin(), key.end(), name.begin(), [&](char a, char b) { return lower(a) == lower(b); }))
      return value;
  return {};
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), out);
  if (text.empty() || failure != std::errc{} || end != text.end()) return std::nullopt;
  return out;
}

/// Seconds with three digits behind the point: what Python's clients and JavaScript's read alike.
std::string seconds(std::int64_t ms) {
  char text[40];
  std::snprintf(text, sizeof text, "%lld.%03d", static_cast<long long>(ms / 1000), static_cast<int>(ms % 1000));
  return text;
}

std::string times_and_size(const FileInfo& info) {
  return "\"expires\":" + seconds(info.expires_ms) + ",\"size\":" + std::to_string(info.size) +
         ",\"uploaded\":" + seconds(info.uploaded_ms) + "}";
}

Task<onion::ServerReply> said(onion::ServerReply reply) { co_return reply; }

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

}  // namespace

std::string http_date(std::int64_t ms) {
  const std::time_t time = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[80];
  std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", days[parts.tm_wday], parts.tm_mday,
                months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text;
}

/// What the request asks for, within the server's bound. Nothing: it is no number of seconds.
std::optional<std::int64_t> Routes::ttl_of(const onion::ServerRequest& request) const {
  const std::string_view wanted = header(request, "X-FS-TTL");
  if (wanted.empty()) return options_.ttl_s;
  const auto number = whole(wanted);
  if (!number || *number <= 0) return std::nullopt;
  return std::min(*number, options_.ttl_s);
}

Task<onion::ServerReply> Routes::answer(onion::ServerRequest request) {
  std::optional<Error> failure;
  try {
    Task<onion::ServerReply> work = route(std::move(request));
    co_return co_await std::move(work);
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    failure = error;
  }
  ctx_.warn("A request to the file server failed: " + failure->sentence());
  const bool full = failure->code() == Code::resource_exhausted;
  co_return refusal(full ? 507 : 500, full ? "Insufficient Storage" : "Internal Server Error");
}

/// No coroutine: what it gives is.
Task<onion::ServerReply> Routes::route(onion::ServerRequest request) {
  std::string path = request.endpoint, query;
  if (const auto mark = path.find('?'); mark != std::string::npos) {
    query = path.substr(mark + 1);
    path.resize(mark);
  }
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const bool post = request.method == "POST", get = request.method == "GET";
  if (path == "/file" && post) return upload(std::move(request));
  if (path == "/session_version" && get) return said(version(request, query));
  if (path == "/file" || path == "/session_version") return said(refusal(405, "Method Not Allowed"));
  if (!path.starts_with("/file/")) return said(refusal(404, "Not Found"));
  std::string id = path.substr(6), action;
  if (const auto slash = id.find('/'); slash != std::string::npos) {
    action = id.substr(slash + 1);
    id.resize(slash);
  }
  if (action.empty() && get) return download(std::move(id));
  if (action == "info" && get) return info(std::move(id));
  if (action == "extend" && post) return extend(std::move(id), std::move(request));
  const bool known = action.empty() || action == "info" || action == "extend";
  return said(known ? refusal(405, "Method Not Allowed") : refusal(404, "Not Found"));
}

Task<onion::ServerReply> Routes::upload(onion::ServerRequest request) {
  const auto ttl = ttl_of(request);
  if (!ttl) co_return refusal(400, "Invalid X-FS-TTL");
  if (!request.body || request.body->empty() || request.body->size() > options_.max_file)
    co_return refusal(413, "File too large or empty");
  auto bytes = std::make_shared<const std::string>(std::move(*request.body));
  auto work = [store = &store_, bytes, now = now(), ttl = *ttl] { return store->put(*bytes, now, now + ttl * 1000); };
  const FileInfo info = co_await ctx_.offload(std::move(work));
  co_return json("{\"id\":\"" + info.id + "\"," + times_and_size(info));
}

Task<onion::ServerReply> Routes::download(std::string id) {
  auto work = [store = &store_, id, now = now()] {
    auto info = store->info(id, now);
    return std::make_pair(info, info ? store->read(id, now) : std::nullopt);
  };
  auto found = co_await ctx_.offload(std::move(work));
  if (!found.second) co_return refusal(404, "Not Found");
  onion::ServerReply out = reply(200, std::move(*found.second), "application/octet-stream");
  out.headers.emplace_back("expires", http_date(found.first->expires_ms));
  co_return out;
}

namespace {

/// One of those who are sent a file.
struct Streaming {
  explicit Streaming(std::shared_ptr<std::size_t> all) : count(std::move(all)) { ++*count; }
  Streaming(const Streaming&) = delete;
  ~Streaming() { --*count; }
  std::shared_ptr<std::size_t> count;
};

Task<std::string> next_piece(Context* ctx, std::shared_ptr<FileStore::Reader> reader) {
  auto work = [reader] { return reader->next(Routes::piece); };
  co_return co_await ctx->offload(std::move(work));
}

}  // namespace

Task<std::optional<http::Response>> Routes::stream(std::string method, std::string endpoint) {
  constexpr std::string_view folder = "/file/";
  if (method != "GET" || !endpoint.starts_with(folder) || *streams_ >= max_streams) co_return std::nullopt;
  auto streaming = std::make_shared<Streaming>(streams_);
  auto work = [store = &store_, id = endpoint.substr(folder.size()), now = now()] { return store->open(id, now); };
  std::shared_ptr<FileStore::Reader> reader = co_await ctx_.offload(std::move(work));
  if (!reader) co_return std::nullopt;
  http::Response out;
  out.headers.emplace_back("content-type", "application/octet-stream");
  out.headers.emplace_back("expires", http_date(reader->info().expires_ms));
  http::Pieces pieces;
  pieces.size = reader->info().size;
  pieces.next = [ctx = &ctx_, reader, streaming] { return next_piece(ctx, reader); };
  out.pieces = std::move(pieces);
  co_return out;
}

Task<onion::ServerReply> Routes::info(std::string id) {
  auto work = [store = &store_, id, now = now()] { return store->info(id, now); };
  const auto info = co_await ctx_.offload(std::move(work));
  if (!info) co_return refusal(404, "Not Found");
  co_return json("{" + times_and_size(*info));
}

Task<onion::ServerReply> Routes::extend(std::string id, onion::ServerRequest request) {
  const auto ttl = ttl_of(request);
  if (!ttl) co_return refusal(400, "Invalid X-FS-TTL");
  auto work = [store = &store_, id, now = now(), ttl = *ttl] { return store->extend(id, now, now + ttl * 1000); };
  const auto info = co_await ctx_.offload(std::move(work));
  if (!info) co_return refusal(404, "Not Found");
  co_return json("{" + times_and_size(*info));
}

/// account.md section 5.4: the signature is optional here, but a wrong one is refused.
onion::ServerReply Routes::version(const onion::ServerRequest& request, std::string_view query) const {
  if (const std::string_view key = header(request, "X-FS-Pubkey"); !key.empty()) {
    const auto bytes = fixed_from_hex<33>(key);
    const auto signature = from_base64(header(request, "X-FS-Signature"));
    const std::string_view time = header(request, "X-FS-Timestamp");
    const auto stamp = whole(time);
    if (!bytes || (*bytes)[0] != 0x07 || !signature || !stamp) return refusal(400, "Invalid authentication");
    const std::int64_t off = *stamp - now() / 1000;
    if (off > signature_window_s || off < -signature_window_s) return refusal(425, "Timestamp is too far away");
    const std::string message =
        std::string(time) + request.method + request.endpoint + (request.body ? *request.body : std::string());
    if (!keys::verify(*signature, view(message), ByteView(*bytes).subspan(1))) return refusal(401, "Invalid signature");
  }
  const auto release = options_.releases.find(std::string(parameter(query, "platform")));
  if (release == options_.releases.end()) return refusal(404, "Not Found");
  return json("{\"status_code\":200,\"result\":\"" + release->second.version +
              "\",\"updated\":" + std::to_string(release->second.updated_s) + ".0}");
}

}  // namespace argot::files
