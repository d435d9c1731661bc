#include "file.h"

#include <sdk/testing/bare_context.h>

#include <gmock/gmock.h>

namespace argot::media {
namespace {

class FileTest : public testing::Test {
 public:
  MediaItem prepare(std::string name, std::string type, std::string_view data) {
    MediaItem item{std::move(name), std::move(type), to_bytes(view(data))};
    return ctx_.run(file_.prepare(std::move(item)));
  }
  kit::BareWorld world_;
  kit::BareContext ctx_{world_};
  File file_;
};

TEST_F(FileTest, TheContentStaysAsItIs) {
  EXPECT_EQ(text_of(prepare("a", "", "\x01 any\n bytes").data), "\x01 any\n bytes");
}

TEST_F(FileTest, TheNameIsCleaned) { EXPECT_EQ(prepare("../x\u202Etxt.exe", "", "").file_name, "xtxt.exe"); }

TEST_F(FileTest, TheTypeIsWhatTheBytesSay) {
  EXPECT_EQ(prepare("a", "", "%PDF-1.4").content_type, "application/pdf");
  EXPECT_EQ(prepare("a", "text/plain", "%PDF-1.4").content_type, "application/pdf");
  EXPECT_EQ(prepare("a", "", "\x01\x02").content_type, "application/octet-stream");
  EXPECT_EQ(prepare("a", "image/png", "\x01\x02").content_type, "application/octet-stream");
}

TEST_F(FileTest, AMorePreciseTypeIsBelieved) {
  EXPECT_EQ(prepare("a", "text/csv", "a,b\n").content_type, "text/csv");
  EXPECT_EQ(prepare("a", "application/epub+zip", "PK\x03\x04").content_type, "application/epub+zip");
}

TEST_F(FileTest, ATypeThatIsNoneIsNotPassedOn) {
  EXPECT_EQ(prepare("a", "text/html\r\nSet-Cookie: x", "abc").content_type, "text/plain");
  EXPECT_EQ(prepare("a", "text", "abc").content_type, "text/plain");
}

TEST_F(FileTest, AnArchiveIsNeverUnpacked) {
  MediaItem item{"bomb.zip", "", to_bytes(view("PK\x03\x04 whatever it would become"))};
  EXPECT_EQ(ctx_.run(file_.describe(std::move(item))).summary, "file (application/zip), 29 bytes");
}

TEST_F(FileTest, TooLargeIsASentence) {
  MediaItem item{"a", "", Bytes(10 * 1024 * 1024 + 1)};
  try {
    ctx_.run(file_.prepare(std::move(item)));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::resource_exhausted);
  }
}

TEST_F(FileTest, TakesAnythingButNeverFirst) { EXPECT_EQ(file_.claims("", {}), 10); }

}  // namespace
}  // namespace argot::media
