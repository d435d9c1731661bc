#include "wire.h"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>

#include <cstring>

namespace argot::http {
namespace {

constexpr std::size_t join_up_to = 64 * 1024;  // bodies copied behind their head: one write, one TLS record chain
constexpr std::size_t tell_after = 64 * 1024;  // bytes of a body that somebody watches
constexpr std::size_t largest_read = 64 * 1024;

bool is_token(std::string_view text) {
  auto good = [](unsigned char c) { return c > 32 && c < 127 && !std::strchr("()<>@,;:\\\"/[]?={}", c); };
  return !text.empty() && std::all_of(text.begin(), text.end(), good);
}
bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return (c < 32 && c != '\t') || c == 127; });
}
bool same(std::string_view a, std::string_view b) {
  auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}
std::string_view find(const std::vector<std::pair<std::string, std::string>>& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same(key, name)) return value;
  return {};
}

/// Ours to say: what frames the message on the wire.
bool is_framing(std::string_view name) {
  return same(name, "Content-Length") || same(name, "Transfer-Encoding") || same(name, "Connection");
}

void append(std::string& out, const std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& [name, value] : headers) {
    if (!is_token(name) || !is_value(value))
      throw Error(Code::invalid_argument,
                  "An HTTP header \"" + name.substr(0, 40) + "\" contains characters that HTTP forbids.");
    if (!is_framing(name)) out.append(name).append(": ").append(value).append("\r\n");
  }
}

std::string_view reason(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 410: return "Gone";
    case 413: return "Payload Too Large";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Unknown";
  }
}

}  // namespace

std::string_view Request::header(std::string_view name) const { return find(headers, name); }
std::string_view Response::header(std::string_view name) const { return find(headers, name); }

std::string write_head(const Request& request, std::string_view host) {
  if (!is_token(request.method) || request.target.empty() ||
      !std::all_of(request.target.begin(), request.target.end(), [](unsigned char c) { return c > 32 && c != 127; }))
    throw Error(Code::invalid_argument, "An HTTP method or target contains characters that HTTP forbids.");
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  if (request.header("Host").empty()) out.append("Host: ").append(host).append("\r\n");
  append(out, request.headers);
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return out += "\r\n";
}

std::string write_head(const Response& response, std::string_view server, bool keep_alive, bool with_body) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  out.append(reason(response.status)).append("\r\n");
  append(out, response.headers);
  if (!server.empty() && response.header("Server").empty()) out.append("Server: ").append(server).append("\r\n");
  const std::uint64_t size = response.pieces ? response.pieces->size : response.body.size();
  if (with_body) out.append("Content-Length: ").append(std::to_string(size)).append("\r\n");
  if (!keep_alive) out += "Connection: close\r\n";
  return out += "\r\n";
}

Task<error_code> Connection::fill() {
  error_code failure;
  asio::use_awaitable_t<> awaitable;
  auto token = asio::redirect_error(awaitable, failure);
  const std::size_t n = co_await stream.async_read_some(asio::buffer(room), token);
  pending.append(room.data(), n);
  if (n == room.size() && room.size() < largest_read) room.resize(room.size() * 4);
  if (!failure && n == 0) failure = asio::error::eof;
  co_return failure;
}

Task<error_code> Connection::write(std::string_view bytes) {
  error_code failure;
  asio::use_awaitable_t<> awaitable;
  auto token = asio::redirect_error(awaitable, failure);
  while (!bytes.empty() && !failure) bytes.remove_prefix(co_await stream.async_write_some(asio::buffer(bytes), token));
  co_return failure;
}

Task<error_code> Connection::write(std::string head, std::string_view body,
                                   const std::function<void(std::uint64_t)>* on_sent) {
  const std::size_t size = body.size();
  const std::string_view first = body.substr(0, join_up_to);
  head += first;
  std::string_view all = head;
  error_code failure = co_await write(all);
  if (failure) co_return failure;
  body.remove_prefix(first.size());
  const bool tells = on_sent && *on_sent;
  do {
    const std::string_view now = tells ? body.substr(0, tell_after) : body;
    if (tells) (*on_sent)(size - body.size());
    failure = co_await write(now);
    body.remove_prefix(now.size());
  } while (!failure && !body.empty());
  if (tells && !failure) (*on_sent)(size);
  co_return failure;
}

}  // namespace argot::http
