#include "voice.h"
#include "wav.h"

#include <sdk/testing/bare_context.h>

#include <gmock/gmock.h>
#include <opusenc.h>

#include <cmath>
#include <cstdlib>
#include <cstring>

namespace argot::media {
namespace {

using testing::HasSubstr;

struct Form {
  unsigned bits = 16, format = 1, channels = 1, rate = 48'000;
};

/// A tone that is silent in its first half.
Bytes wav(double seconds, Form form = {}) {
  Bytes out, data;
  auto put = [](Bytes& to, std::uint32_t n, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) to.push_back(static_cast<Byte>(n >> 8 * i));
  };
  auto text = [&](const char* t) { out.insert(out.end(), t, t + 4); };
  const auto frames = static_cast<std::uint32_t>(seconds * form.rate);
  for (std::uint32_t i = 0; i < frames; ++i)
    for (unsigned c = 0; c < form.channels; ++c) {
      const double value = i < frames / 2 ? 0 : .5 * std::sin(i * 2 * 3.14159 * 440 / form.rate);
      if (form.format == 3) {
        const auto f = static_cast<float>(value);
        std::uint32_t n;
        std::memcpy(&n, &f, 4);
        put(data, n, 4);
      } else if (form.bits == 8) {
        put(data, static_cast<std::uint32_t>(128 + std::lround(value * 127)), 1);
      } else {
        put(data, static_cast<std::uint32_t>(std::lround(value * std::pow(2, form.bits - 1))), form.bits / 8);
      }
    }
  text("RIFF");
  put(out, 0, 4);
  text("WAVE");
  text("LIST");
  put(out, 12, 4);
  for (char c : std::string("SECRETAUTHOR")) out.push_back(static_cast<Byte>(c));
  text("fmt ");
  put(out, 16, 4);
  put(out, form.format, 2);
  put(out, form.channels, 2);
  put(out, form.rate, 4);
  put(out, form.rate * form.channels * form.bits / 8, 4);
  put(out, form.channels * form.bits / 8, 2);
  put(out, form.bits, 2);
  text("data");
  put(out, static_cast<std::uint32_t>(data.size()), 4);
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

Bytes opus_by(const char* author) {
  Bytes out;
  const auto put = [](void* to, const unsigned char* bytes, opus_int32 size) {
    static_cast<Bytes*>(to)->insert(static_cast<Bytes*>(to)->end(), bytes, bytes + size);
    return 0;
  };
  const OpusEncCallbacks callbacks{put, [](void*) { return 0; }};
  OggOpusComments* comments = ope_comments_create();
  ope_comments_add(comments, "ARTIST", author);
  OggOpusEnc* encoder = ope_encoder_create_callbacks(&callbacks, &out, comments, 48'000, 1, 0, nullptr);
  const Sound sound = read_wav(wav(1));
  ope_encoder_write_float(encoder, sound.samples.data(), static_cast<int>(sound.samples.size()));
  ope_encoder_drain(encoder);
  ope_encoder_destroy(encoder);
  ope_comments_destroy(comments);
  return out;
}

class VoiceTest : public testing::Test {
 public:
  VoiceTest() {
    Settings& s = ctx_.change_settings();
    s.set("time", Duration(std::chrono::seconds(20)));
    s.set("memory", std::int64_t{768} << 20);
    s.set("decoders", std::string(std::getenv("ARGOT_BUILD_DIR")) + "/lib/argot/decoders");
    ctx_.run(voice_.start(ctx_));
  }
  MediaItem prepare(Bytes data) {
    MediaItem item{"note.wav", "", std::move(data)};
    return ctx_.run(voice_.prepare(std::move(item)));
  }
  MediaDescription describe(Bytes data) {
    MediaItem item{"note", "", std::move(data)};
    return ctx_.run(voice_.describe(std::move(item)));
  }
  Error error(Bytes data) {
    try {
      prepare(std::move(data));
    } catch (const Error& error) {
      return error;
    }
    return Error(Code::internal, "nothing was thrown");
  }
  kit::BareWorld world_;
  kit::BareContext ctx_{world_};
  Voice voice_;
};

TEST_F(VoiceTest, EveryFormOfWavBecomesOpusOfTheSameLength) {
  for (const Form form : {Form{8, 1, 1, 8'000}, Form{16, 1, 1, 44'100}, Form{24, 1, 2, 96'000}, Form{32, 3, 2, 48'000},
                          Form{16, 1, 2, 22'050}}) {
    const MediaItem made = prepare(wav(1.5, form));
    EXPECT_EQ(made.content_type, "audio/ogg");
    EXPECT_EQ(made.file_name, "note.ogg");
    EXPECT_EQ(text_of(made.data).find("SECRET"), std::string::npos);
    EXPECT_LT(made.data.size(), 25'000u);
    const MediaDescription found = describe(made.data);
    EXPECT_NEAR(static_cast<double>(found.length.count()), 1.5e6, 2e4) << form.bits << " bits, " << form.rate << " Hz";
  }
}

TEST_F(VoiceTest, TheWaveformShowsWhereTheSoundIs) {
  for (const Bytes& file : {wav(2), prepare(wav(2)).data}) {
    const Bytes wave = describe(file).waveform;
    ASSERT_EQ(wave.size(), 64u);
    EXPECT_LT(wave[10], 5);
    EXPECT_NEAR(wave[50], 128, 25);
  }
}

TEST_F(VoiceTest, TheSameRecordingGivesTheSameBytes) { EXPECT_EQ(prepare(wav(1)).data, prepare(wav(1)).data); }

TEST_F(VoiceTest, CommentsInOpusAreLeftOut) {
  const Bytes opus = opus_by("SECRETAUTHOR");
  ASSERT_NE(text_of(opus).find("SECRETAUTHOR"), std::string::npos);
  const Bytes bare = prepare(opus).data;
  EXPECT_EQ(text_of(bare).find("SECRETAUTHOR"), std::string::npos);
  EXPECT_EQ(text_of(bare).find("libopus"), std::string::npos);
  EXPECT_EQ(describe(bare).length, describe(opus).length);
  EXPECT_EQ(describe(bare).waveform, describe(opus).waveform);
  EXPECT_EQ(prepare(bare).data, bare);
}

TEST_F(VoiceTest, NothingIsTooShort) {
  const Error empty = error(wav(0));
  EXPECT_EQ(empty.code(), Code::corrupt);
  EXPECT_STREQ(empty.what(), "The recording has no sound in it: it is zero seconds long.");
}

TEST_F(VoiceTest, CutOffAndForeignFilesAreSentences) {
  Bytes opus = prepare(wav(1)).data;
  opus.resize(60);
  EXPECT_EQ(error(opus).code(), Code::corrupt);
  Bytes head = wav(1);
  head.resize(30);
  EXPECT_THAT(error(head).what(), HasSubstr("cut off"));
  EXPECT_EQ(error(wav(1, {16, 1, 7, 48'000})).code(), Code::invalid_argument);
  EXPECT_EQ(error(wav(1, {16, 85, 1, 48'000})).code(), Code::invalid_argument);
  EXPECT_EQ(error(to_bytes(view(std::string_view("ID3\3\0 a song", 12)))).code(), Code::invalid_argument);
}

TEST_F(VoiceTest, AnInterruptedRecordingIsWhatIsThere) {
  Bytes half = wav(2);
  half.resize(half.size() / 2);
  EXPECT_NEAR(static_cast<double>(describe(half).length.count()), 1e6, 2e4);
}

TEST_F(VoiceTest, ClaimsWhatItReads) {
  EXPECT_EQ(voice_.claims("", wav(.01)), 90);
  EXPECT_EQ(voice_.claims("audio/mpeg", view("ID3")), 0);
}

}  // namespace
}  // namespace argot::media
