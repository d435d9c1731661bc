#include "os_address.h"

#include <gmock/gmock.h>

namespace argot::os {
namespace {

TEST(OsAddress, IsHostAndPort) {
  EXPECT_EQ(parse_address("127.0.0.1:4101").host, "127.0.0.1");
  EXPECT_EQ(parse_address("127.0.0.1:4101").port, 4101);
  EXPECT_EQ(parse_address("node-3.example:443").host, "node-3.example");
  EXPECT_EQ(parse_address("[::1]:80").host, "::1");
  EXPECT_EQ(parse_address("[fe80::1%eth0]:80").host, "fe80::1%eth0");
  EXPECT_EQ(parse_address(":0").host, "");
  EXPECT_EQ(parse_address("*:65535").port, 65535);
}

TEST(OsAddress, IsRefusedWithASentenceWhenItIsNot) {
  for (const char* wrong :
       {"", "localhost", "localhost:", "localhost:x", "localhost:65536", "localhost:-1", "localhost: 80",
        "localhost:80 ", "local host:80", "http://a:80", "a/b:80", "::1:80", "a\n:80", "[::1]80"}) {
    try {
      parse_address(wrong);
      ADD_FAILURE() << "took " << wrong;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::invalid_argument);
      EXPECT_THAT(error.what(), testing::HasSubstr("is not a network address"));
    }
  }
}

TEST(OsAddress, IsWrittenAsItIsRead) {
  namespace ip = boost::asio::ip;
  EXPECT_EQ(text_of({ip::make_address("127.0.0.1"), 80}), "127.0.0.1:80");
  EXPECT_EQ(text_of({ip::make_address("::1"), 80}), "[::1]:80");
}

}  // namespace
}  // namespace argot::os
