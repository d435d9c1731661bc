#include <argot/error.h>
#include <argot/file_url.h>
#include <gtest/gtest.h>

namespace argot {
namespace {

TEST(FileUrl, AllPartsAreRead) {
  const FileUrl url = FileUrl::parse("HTTP://Files.Example:8080/file/abc_-1/#x=1&d=&p=" + std::string(64, 'A'));
  EXPECT_EQ(url.scheme, "http");
  EXPECT_EQ(url.host, "files.example");
  EXPECT_EQ(url.port, 8080);
  EXPECT_EQ(url.id, "abc_-1");
  EXPECT_TRUE(url.stream);
  EXPECT_EQ(url.server_key, std::string(64, 'a'));
  EXPECT_EQ(url.text(), "http://files.example:8080/file/abc_-1#p=" + std::string(64, 'a') + "&d");
}

TEST(FileUrl, ASchemesOwnPortIsLeftOut) {
  EXPECT_EQ(FileUrl::parse("https://a:443/file/b").text(), "https://a/file/b");
  EXPECT_EQ(FileUrl::parse("https://a:80/file/b").text(), "https://a:80/file/b");
  EXPECT_EQ(FileUrl::parse("https://a/file/b").effective_port(), 443);
  EXPECT_EQ(FileUrl::parse("http://[::1]/file/b").effective_port(), 80);
}

TEST(FileUrl, OnlyTheFragmentSaysHowItIsEncrypted) {
  EXPECT_FALSE(FileUrl::parse("http://a/file/d").stream);
  EXPECT_FALSE(FileUrl::parse("http://a/file/b#dd").stream);
  EXPECT_FALSE(FileUrl::parse("http://a/file/b#p=12").stream);
  EXPECT_TRUE(FileUrl::parse("http://a/file/b#sr=x&d").stream);
}

TEST(FileUrl, AnythingElseIsRefusedWithASentence) {
  for (const std::string& text : {std::string(),
                                  std::string("abc"),
                                  std::string("ftp://a/file/b"),
                                  std::string("http:///file/b"),
                                  std::string("http://a"),
                                  std::string("http://a/"),
                                  std::string("http://a/file/"),
                                  std::string("http://a/file//"),
                                  std::string("http://a/file/../x"),
                                  std::string("http://a/file/.."),
                                  std::string("http://a/file/b/c"),
                                  std::string("http://a/file/b?x=1"),
                                  std::string("http://a/file/b%2f"),
                                  std::string("http://u:p@a/file/b"),
                                  std::string("http://a:0/file/b"),
                                  std::string("http://a:65536/file/b"),
                                  std::string("http://a:/file/b"),
                                  std::string("http://a:1x/file/b"),
                                  std::string("http://a b/file/c"),
                                  std::string("http://a/file/b#p=xyz"),
                                  "http://a/file/" + std::string(129, 'x'),
                                  "http://a/file/b#" + std::string(FileUrl::max_size, 'x')}) {
    try {
      FileUrl::parse(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::invalid_argument) << text;
      EXPECT_NE(std::string(error.what()).find("no address of a file"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace argot
