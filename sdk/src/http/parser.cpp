// Beast costs half a minute and a gigabyte for each file that includes it: this is the only one. Its header-only form
// is used because the compiled form would build all of Beast for a parser.
#undef BOOST_BEAST_SEPARATE_COMPILATION
#include "parser.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <limits>

namespace argot::http {

namespace beast = boost::beast::http;

// A chunk header with extensions has no limit of its own in Beast: what stays unused is bounded here instead.
constexpr std::size_t slack = 8 * 1024;

struct Parser::Impl {
  std::variant<std::monostate, beast::request_parser<beast::string_body>, beast::response_parser<beast::string_body>>
      parser;

  template <class F> auto with(F use) const {
    if (auto* request = std::get_if<1>(&parser)) return use(*request);
    return use(std::get<2>(parser));
  }
  template <class F> auto with(F use) {
    if (auto* request = std::get_if<1>(&parser)) return use(*request);
    return use(std::get<2>(parser));
  }
};

Parser::Parser(Kind kind, const Limits& limits) : impl_(std::make_unique<Impl>()), max_header_(limits.max_header) {
  if (kind == Kind::request)
    impl_->parser.emplace<1>();
  else
    impl_->parser.emplace<2>();
  const auto header_limit =
      static_cast<std::uint32_t>(std::min<std::size_t>(limits.max_header, std::numeric_limits<std::uint32_t>::max()));
  impl_->with([&](auto& parser) {
    parser.eager(true);
    parser.header_limit(header_limit);
    parser.body_limit(limits.max_body);
    if (kind == Kind::response_without_body) parser.skip(true);
  });
}

Parser::~Parser() = default;

void Parser::fail(error_code failure) {
  fault_text_ = failure.message();
  if (failure == beast::error::header_limit || failure == beast::error::buffer_overflow)
    fault_ = Fault::header_too_large;
  else if (failure == beast::error::body_limit)
    fault_ = Fault::body_too_large;
  else if (failure == beast::error::bad_content_length || failure == beast::error::multiple_content_length)
    fault_ = Fault::bad_length;
  else
    fault_ = Fault::not_http;
}

std::size_t Parser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (fault_ == Fault::none && !done() && used < bytes.size()) {
    error_code failure;
    const std::size_t n = impl_->with([&](auto& parser) {
      return parser.put(asio::const_buffer(bytes.data() + used, bytes.size() - used), failure);
    });
    used += n;
    if (failure == beast::error::need_more) {
      if (bytes.size() - used > max_header_ + slack) {
        fault_ = Fault::header_too_large;
        fault_text_ = "header limit exceeded";
      }
      break;
    }
    if (failure) fail(failure);
    if (n == 0) break;
  }
  return used;
}

void Parser::end_of_stream() {
  if (fault_ != Fault::none || done()) return;
  error_code failure;
  impl_->with([&](auto& parser) {
    if (parser.is_header_done() && parser.need_eof()) parser.put_eof(failure);
  });
  if (failure) fail(failure);
}

bool Parser::header_done() const {
  return impl_->with([](const auto& parser) { return parser.is_header_done(); });
}

bool Parser::done() const {
  return impl_->with([](const auto& parser) { return parser.is_done(); });
}

bool Parser::keep_alive() const {
  return impl_->with([](const auto& parser) { return parser.keep_alive(); });
}

bool Parser::expects_continue() const {
  const auto* request = std::get_if<1>(&impl_->parser);
  return request && request->get().version() >= 11 &&
         boost::beast::iequals(request->get()[beast::field::expect], "100-continue");
}

namespace {
template <class Message> std::vector<std::pair<std::string, std::string>> headers_of(const Message& message) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& field : message) out.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return out;
}
}  // namespace

Request Parser::take_request() {
  auto message = std::get<1>(impl_->parser).release();
  Request out;
  out.method = std::string(message.method_string());
  out.target = std::string(message.target());
  out.headers = headers_of(message);
  out.body = std::move(message.body());
  return out;
}

Response Parser::take_response() {
  auto message = std::get<2>(impl_->parser).release();
  Response out;
  out.status = message.result_int();
  out.headers = headers_of(message);
  out.body = std::move(message.body());
  return out;
}

}  // namespace argot::http
