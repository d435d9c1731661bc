#include "os_address.h"

#include <charconv>

namespace argot::os {

namespace {

// A DNS name, an IPv4 or an IPv6 address is made of these; anything else is a mistake or an attack.
bool plausible(std::string_view host, bool in_brackets) {
  if (host.size() > 255) return false;
  for (char c : host) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '.' && c != '-' && c != '_' && !(in_brackets && (c == ':' || c == '%'))) return false;
  }
  return true;
}

}  // namespace

HostPort parse_address(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon != std::string::npos) {
    HostPort out;
    std::string_view host = std::string_view(address).substr(0, colon);
    const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (in_brackets) host = host.substr(1, host.size() - 2);
    const char* first = address.data() + colon + 1;
    const char* last = address.data() + address.size();
    const auto [end, failure] = std::from_chars(first, last, out.port);
    if (first != last && end == last && failure == std::errc() && (host == "*" || plausible(host, in_brackets))) {
      out.host = host;
      return out;
    }
  }
  throw Error(Code::invalid_argument, "\"" + address.substr(0, 300) + "\" is not a network address.",
              "Write host:port with a port from 0 to 65535, such as 127.0.0.1:4101 or [::1]:80.");
}

std::string text_of(const boost::asio::ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" + std::to_string(endpoint.port());
}

}  // namespace argot::os
