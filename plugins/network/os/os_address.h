#pragma once
// Addresses of the operating system's network as text: "127.0.0.1:4101", "[::1]:80", "node.example:443".
#include <argot/error.h>

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>

namespace argot::os {

struct HostPort {
  std::string host;  ///< without brackets; empty or "*" means every interface
  std::uint16_t port = 0;
};

/// Throws Error(invalid_argument) unless it is host:port with a port from 0 to 65535; an IPv6 host is in brackets.
HostPort parse_address(const std::string& address);
/// The text that parse_address() reads back.
std::string text_of(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace argot::os
