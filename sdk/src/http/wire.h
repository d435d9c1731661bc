// Messages as bytes, and the loops that move them.
#pragma once
#include "parser.h"

#include <optional>

namespace argot::http {

/// Throws Error(invalid_argument) when a method, target or header would break out of its line.
std::string write_head(const Request& request, std::string_view host);
/// `server`: for a response without a Server header; may be empty.
std::string write_head(const Response& response, std::string_view server, bool keep_alive, bool with_body);

/// One stream with what was read too much of it.
struct Connection {
  explicit Connection(Stream s) : stream(std::move(s)) {}
  Stream stream;
  std::string pending;  ///< bytes that came and belong to what comes next
  std::vector<char> room = std::vector<char>(4096);

  /// Waits for bytes and appends them to `pending`; the error of the stream otherwise.
  Task<error_code> fill();
  Task<error_code> write(std::string_view bytes);
  /// Head and body in as few pieces as make sense. Borrows `body`. `on_sent`: told how much of the body has gone; may
  /// be empty, borrowed.
  Task<error_code> write(std::string head, std::string_view body,
                         const std::function<void(std::uint64_t)>* on_sent = nullptr);
};

}  // namespace argot::http
