// Through the real decoder process.
#include "video.h"

#include "../image/codecs.h"
#include "test_videos.h"
#include "video_decoder.h"

#include <sdk/testing/bare_context.h>

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

namespace argot::media {
namespace {

using test::make_video;
using test::VideoForm;
using testing::HasSubstr;

class VideoTest : public testing::Test {
 public:
  VideoTest() {
    Settings& s = ctx_.change_settings();
    s.set("megapixels", std::int64_t{36});
    s.set("thumbnail", std::int64_t{320});
    s.set("time", Duration(std::chrono::seconds(20)));
    s.set("memory", std::int64_t{768} << 20);
    s.set("decoders", std::string(std::getenv("ARGOT_BUILD_DIR")) + "/lib/argot/decoders");
    ctx_.run(video_.start(ctx_));
  }
  MediaItem prepare(Bytes data) {
    MediaItem item{"holiday", "", std::move(data)};
    return ctx_.run(video_.prepare(std::move(item)));
  }
  MediaDescription describe(Bytes data) {
    MediaItem item{"holiday", "", std::move(data)};
    return ctx_.run(video_.describe(std::move(item)));
  }
  Code error_of(Bytes data) {
    std::optional<Code> found;
    for (const bool preparing : {true, false}) try {
        if (preparing)
          prepare(data);
        else
          describe(data);
        ADD_FAILURE() << "nothing was thrown";
      } catch (const Error& error) {
        EXPECT_EQ(found.value_or(error.code()), error.code()) << error.what();
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("SIGSYS")));
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("signal"))) << "the decoder crashed";
        found = error.code();
      }
    return found.value_or(Code::internal);
  }

  kit::BareWorld world_;
  kit::BareContext ctx_{world_};
  Video video_;
};

bool has(const Bytes& where, std::string_view what) { return text_of(where).find(what) != std::string_view::npos; }

void expect_bare(const Bytes& data) {
  for (const char* secret : {"SECRET", "ISO6709", "\xA9xyz", "gpmd", "loci", "x264", "Lavf5", "Lavc", "2024"})
    EXPECT_FALSE(has(data, secret)) << secret << " is still there";
}

std::vector<VideoForm> forms() {
  return {{"mov", "libx264"}, {"mp4", "libx264"}, {"webm", "libvpx"}, {"matroska", "libx264"}, {"mp4", "libvpx-vp9"}};
}
std::string name_of(const VideoForm& form) { return form.container + " with " + form.encoder; }

TEST_F(VideoTest, NotAByteOfMetadataLeaves) {
  for (const VideoForm& form : forms()) {
    SCOPED_TRACE(name_of(form));
    const Bytes before = make_video(form);
    if (before.empty()) continue;  // this FFmpeg has no such encoder
    ASSERT_TRUE(has(before, "SECRETAUTHOR")) << "the test itself put nothing in";
    EXPECT_EQ(has(before, "SECRETPLACE"), form.container != "mp4") << "there it is numbers, in loci";
    EXPECT_EQ(has(before, "SECRETTRACK"), form.container == "mov");
    const MediaItem after = prepare(before);
    expect_bare(after.data);
    EXPECT_LT(after.data.size(), before.size());
    const MediaDescription was = describe(before), is = describe(after.data);
    EXPECT_EQ(is.content_type, was.content_type);
    EXPECT_EQ(is.width, 64u);
    EXPECT_EQ(is.height, 48u);
    EXPECT_EQ(is.thumbnail, was.thumbnail) << "the pictures themselves changed";
    EXPECT_NEAR(static_cast<double>(is.length.count()), static_cast<double>(was.length.count()), 60'000);
  }
}

TEST_F(VideoTest, PreparingTwiceGivesTheSameBytes) {
  for (const VideoForm& form : forms()) {
    SCOPED_TRACE(name_of(form));
    const Bytes before = make_video(form);
    if (before.empty()) continue;
    const Bytes once = prepare(before).data;
    EXPECT_TRUE(prepare(before).data == once) << "chance or time is in it";
    const Bytes twice = prepare(once).data;
    EXPECT_TRUE(twice == once);
  }
}

TEST_F(VideoTest, DescribesAVideoAndShowsItUpright) {
  for (int turns = 0; turns < 4; ++turns) {
    SCOPED_TRACE(turns);
    VideoForm form{"mp4", "libx264"};
    form.quarter_turns = turns;
    const Bytes before = make_video(form);
    ASSERT_FALSE(before.empty());
    for (const Bytes& data : {before, prepare(before).data}) {
      const MediaDescription is = describe(data);
      EXPECT_EQ(is.content_type, "video/mp4");
      EXPECT_EQ(is.width, turns % 2 ? 48u : 64u);
      EXPECT_NEAR(std::chrono::duration<double>(is.length).count(), 1, .1);
      EXPECT_THAT(is.summary, HasSubstr(turns % 2 ? "video 48\u00d764, 0:01, " : "video 64\u00d748, 0:01, "));
      const Pixels poster = decode_jpeg(is.thumbnail, 0, 1'000'000).pixels;
      EXPECT_EQ(poster.width, is.width);
      auto red_at = [&](double x, double y) {
        const Byte* c =
            poster.row(static_cast<std::uint32_t>(y * poster.height)) + static_cast<std::size_t>(x * poster.width) * 3;
        return c[0] > 180 && c[2] < 90;
      };
      // Red is on the left; turned clockwise it is at the top, on the right, at the bottom.
      EXPECT_TRUE(red_at(turns == 0 ? .1 : turns == 2 ? .9 : .5, turns == 1 ? .1 : turns == 3 ? .9 : .5));
      EXPECT_FALSE(red_at(turns == 0 ? .9 : turns == 2 ? .1 : .5, turns == 1 ? .9 : turns == 3 ? .1 : .5));
    }
  }
}

TEST_F(VideoTest, SoundStaysAndSilenceStaysSilent) {
  VideoForm form{"mp4", "libx264"};
  const Bytes loud = prepare(make_video(form)).data;
  EXPECT_TRUE(has(loud, "mp4a"));
  form.sound = false;
  const Bytes silent = prepare(make_video(form)).data;
  EXPECT_FALSE(has(silent, "mp4a"));
}

TEST_F(VideoTest, NamesFollowTheBytes) {
  MediaItem item{"../..\u202e/holi:day.avi", "video/x-msvideo", make_video({"mov", "libx264"})};
  const MediaItem after = ctx_.run(video_.prepare(std::move(item)));
  EXPECT_EQ(after.content_type, "video/quicktime");
  EXPECT_TRUE(after.file_name.ends_with(".mov")) << after.file_name;
  EXPECT_EQ(after.file_name.find('/'), std::string::npos);
}

TEST_F(VideoTest, EveryCutIsAnErrorOrAVideo) {
  for (const VideoForm& form : forms()) {
    const Bytes whole = make_video(form);
    if (whole.empty()) continue;
    for (const int part : {1, 3, 5, 7}) {
      SCOPED_TRACE(name_of(form) + " cut at " + std::to_string(part) + "/8");
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size()) * part / 8);
      try {
        const MediaItem made = prepare(cut);
        expect_bare(made.data);
        EXPECT_EQ(describe(made.data).width, 64u);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::corrupt) << error.what();
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("signal")));
      }
    }
  }
}

TEST_F(VideoTest, WhatIsNoVideoIsCorrupt) {
  EXPECT_EQ(error_of({}), Code::corrupt);
  EXPECT_EQ(error_of(to_bytes(view("hello there, this is no video"))), Code::corrupt);
  EXPECT_EQ(error_of(to_bytes(view(std::string_view("\0\0\0\x18"
                                                    "ftypmp42\0\0\0\0mp42isom",
                                                    24)))),
            Code::corrupt);
  EXPECT_EQ(error_of(Bytes{0x1A, 0x45, 0xDF, 0xA3}), Code::corrupt);
}

TEST_F(VideoTest, AKindThatCannotBeCleanedIsRefused) {
  EXPECT_EQ(error_of(make_video({"avi", "mpeg4"})), Code::invalid_argument);
  EXPECT_EQ(error_of(make_video({"mp4", "mpeg4"})), Code::invalid_argument);
}

TEST_F(VideoTest, ManyPixelsAreTooMany) {
  ctx_.change_settings().set("megapixels", std::int64_t{1});
  ctx_.run(video_.start(ctx_));
  VideoForm form{"mp4", "libx264", 1280, 960, 1};
  EXPECT_EQ(error_of(make_video(form)), Code::resource_exhausted);
  // A small video whose container says that it is 65535×65535.
  Bytes bomb = make_video({"mp4", "libx264"});
  const std::size_t entry = text_of(bomb).rfind("avc1");
  ASSERT_NE(entry, std::string_view::npos);
  for (std::size_t i = 28; i < 32; ++i) bomb[entry + i] = 0xFF;
  EXPECT_EQ(error_of(bomb), Code::resource_exhausted);
}

TEST_F(VideoTest, DamageAnywhereIsSurvived) {
  const Bytes whole = make_video({"mov", "libx264"});
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 60 + 1) {
    Bytes bad = whole;
    for (std::size_t i = at; i < std::min(bad.size(), at + 8); ++i) bad[i] ^= 0xA5;
    for (const bool preparing : {true, false}) try {
        if (preparing)
          prepare(bad);
        else
          describe(bad);
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::Not(HasSubstr("signal"))) << at;
      }
  }
}

TEST_F(VideoTest, ClaimsWhatItCanCleanAndWhatMustNotSlipThrough) {
  auto claims = [&](std::string_view type, const Bytes& data) { return video_.claims(type, data); };
  for (const VideoForm& form : forms()) {
    const Bytes data = make_video(form);
    if (data.empty()) continue;
    EXPECT_EQ(claims("", data), 95) << name_of(form);
  }
  EXPECT_EQ(claims("application/octet-stream", make_video({"mov", "libx264"})), 0);
  EXPECT_EQ(claims("", make_video({"avi", "mpeg4"})), 60);
  EXPECT_EQ(claims("video/mp2t", Bytes{0x47, 0x40, 0, 0x10}), 40);
  EXPECT_EQ(claims("", Bytes{0xFF, 0xD8, 0xFF, 0xE0}), 0);
}

/// Not a test of anything: with ARGOT_MAKE_CORPUS it writes the fuzz target's first inputs there.
TEST_F(VideoTest, MakesTheCorpusOnRequest) {
  const char* folder = std::getenv("ARGOT_MAKE_CORPUS");
  if (!folder) GTEST_SKIP() << "only with ARGOT_MAKE_CORPUS=FOLDER";
  for (VideoForm form : forms()) {
    form.frames = 1;
    form.width = form.height = 16;
    form.sound = form.container == "mov";
    const Bytes data = make_video(form);
    for (const char first : {'0', '1'}) {
      std::ofstream out(std::string(folder) + "/" + form.container + "-" + form.encoder +
                        (first == '1' ? "-prepare" : ""));
      out << first << text_of(data);
    }
  }
}

}  // namespace
}  // namespace argot::media
