// One HTTP/1.1 message being read. Knows nothing of streams or time: it is fed what came, so that it can be
// tested and fuzzed byte by byte. The only user of Beast.
#pragma once
#include <argot/http.h>

namespace argot::http {

/// Why a message was given up.
enum class Fault { none, not_http, bad_length, header_too_large, body_too_large };

class ARGOT_API Parser {  // exported for its tests only: the header is not installed
 public:
  enum class Kind { request, response, response_without_body };
  Parser(Kind kind, const Limits& limits);
  ~Parser();
  Parser(const Parser&) = delete;

  /// Takes bytes from the front of `bytes` and says how many; offer the rest again together with what comes next.
  /// Stops at the end of the message.
  std::size_t feed(std::string_view bytes);
  /// The peer has finished. Completes a response whose length is told by the end of the stream.
  void end_of_stream();

  bool header_done() const;
  bool done() const;
  Fault fault() const { return fault_; }
  /// Beast's word for the fault: "bad version".
  const std::string& fault_text() const { return fault_text_; }
  /// After header_done(): the sender waits for "100 Continue" before it sends the body.
  bool expects_continue() const;
  /// After done(): the connection may carry another message.
  bool keep_alive() const;
  /// After done(); once.
  Request take_request();
  Response take_response();

 private:
  struct Impl;
  void fail(error_code failure);
  std::unique_ptr<Impl> impl_;
  std::size_t max_header_;
  Fault fault_ = Fault::none;
  std::string fault_text_;
};

}  // namespace argot::http
