#include "http/parser.h"

#include <gtest/gtest.h>

namespace argot::http {
namespace {

constexpr std::string_view post = "POST /storage_rpc/v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

/// Feeds `text` in pieces of `step` bytes as a connection would: what is not used is offered again.
void feed(Parser& parser, std::string_view text, std::size_t step) {
  std::string pending;
  for (std::size_t at = 0; at < text.size(); at += step) {
    pending += text.substr(at, step);
    pending.erase(0, parser.feed(pending));
  }
}

TEST(Parser, ReadsTheSameRequestWhateverThePieces) {
  for (std::size_t step = 1; step <= post.size(); ++step) {
    Parser parser(Parser::Kind::request, {});
    feed(parser, post, step);
    ASSERT_TRUE(parser.done()) << step;
    const Request request = parser.take_request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/storage_rpc/v1");
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(request.header("HOST"), "a");
  }
}

TEST(Parser, StopsAtTheEndOfAMessage) {
  const std::string two = std::string(post) + std::string(post);
  Parser parser(Parser::Kind::request, {});
  EXPECT_EQ(parser.feed(two), post.size());
  EXPECT_TRUE(parser.done());
}

TEST(Parser, ReadsChunks) {
  Parser parser(Parser::Kind::response, {});
  feed(parser, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n", 2);
  ASSERT_TRUE(parser.done());
  EXPECT_EQ(parser.take_response().body, "abcdefg");
}

TEST(Parser, TakesTheEndOfTheStreamAsTheEndOfABodyWithoutLength) {
  Parser parser(Parser::Kind::response, {});
  feed(parser, "HTTP/1.1 200 OK\r\n\r\nall of it", 4);
  EXPECT_FALSE(parser.done());
  parser.end_of_stream();
  ASSERT_TRUE(parser.done());
  EXPECT_FALSE(parser.keep_alive());
  EXPECT_EQ(parser.take_response().body, "all of it");
}

TEST(Parser, DoesNotTakeTheEndOfTheStreamForTheRestOfALength) {
  Parser parser(Parser::Kind::response, {});
  feed(parser, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 100);
  parser.end_of_stream();
  EXPECT_FALSE(parser.done());
}

struct Bad {
  std::string text;
  Fault fault;
};

TEST(Parser, NamesWhatIsWrong) {
  Limits limits;
  limits.max_header = 256;
  limits.max_body = 10;
  const Bad cases[] = {
      {"\x16\x03\x01\x02 rubbish\r\n\r\n", Fault::not_http},
      {"GET / HTTP/9.9\r\n\r\n", Fault::not_http},
      {"GET / HTTP/1.1\r\nno colon\r\n\r\n", Fault::not_http},
      {"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", Fault::bad_length},
      {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", Fault::bad_length},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", Fault::bad_length},
      {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", Fault::bad_length},
      {"POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", Fault::body_too_large},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nelevenbytes\r\n0\r\n\r\n", Fault::body_too_large},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n", Fault::not_http},
      {"GET / HTTP/1.1\r\nX: " + std::string(300, 'x') + "\r\n\r\n", Fault::header_too_large},
      {"GET / HTTP/1.1\r\nX: " + std::string(300, 'x'), Fault::header_too_large},
      {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(20'000, 'x'), Fault::header_too_large},
  };
  for (const Bad& bad : cases) {
    Parser parser(Parser::Kind::request, limits);
    feed(parser, bad.text, 7);
    EXPECT_EQ(parser.fault(), bad.fault) << bad.text.substr(0, 80) << "\nsaid: " << parser.fault_text();
    EXPECT_FALSE(parser.done());
    EXPECT_FALSE(parser.fault_text().empty());
  }
}

TEST(Parser, RefusesALengthNextToChunks) {
  Parser parser(Parser::Kind::request, {});
  feed(parser, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 100);
  EXPECT_NE(parser.fault(), Fault::none);
}

}  // namespace
}  // namespace argot::http
