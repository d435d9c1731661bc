// What a thumbnail of a photo of 24 megapixels needs: printed by the test, bounded loosely. A bound on memory is no
// claim about time.
#include "image.h"

#include "test_pictures.h"

#include <sdk/testing/bare_context.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace argot::media {
namespace {

/// As smooth and as rough as a photo: 24 megapixels of it make about 5 MB.
Pixels landscape() {
  Pixels out(6000, 4000, 3);
  std::uint32_t state = 1;
  for (std::uint32_t y = 0; y < out.height; ++y)
    for (std::uint32_t x = 0; x < out.width; ++x)
      for (std::uint32_t c = 0; c < 3; ++c) {
        state = state * 1664525 + 1013904223;
        out.row(y)[3 * x + c] =
            static_cast<Byte>(128 + 90 * std::sin(x * .01 + c) * std::cos(y * .013) + (state >> 29));
      }
  return out;
}

TEST(ImageMeasure, APhotoOf24Megapixels) {
  kit::BareWorld world;
  kit::BareContext ctx(world);
  Settings& s = ctx.change_settings();
  s.set("megapixels", std::int64_t{64});
  s.set("thumbnail", std::int64_t{320});
  s.set("time", Duration(std::chrono::seconds(60)));
  s.set("memory", std::int64_t{768} << 20);
  s.set("decoders", std::string(std::getenv("ARGOT_BUILD_DIR")) + "/lib/argot/decoders");
  Image image;
  ctx.run(image.start(ctx));
  const Pixels picture = landscape();
  for (const int orientation : {1, 6}) {
    const Bytes file = test::jpeg_with_metadata(picture, orientation);
    auto tell = [&](const char* what) {
      std::printf("%s, orientation %d, file of %zu kB: %llu ms of CPU time, peak %llu MB\n", what, orientation,
                  file.size() / 1000, static_cast<unsigned long long>(image.last_cost().cpu_us / 1000),
                  static_cast<unsigned long long>(image.last_cost().peak_memory_kb / 1024));
    };
    MediaItem item{"a", "", file}, same = item;
    EXPECT_EQ(ctx.run(image.describe(std::move(item))).thumbnail.empty(), false);
    tell("thumbnail");
    EXPECT_LT(image.last_cost().peak_memory_kb, 128u << 10);
    ctx.run(image.prepare(std::move(same)));
    tell("prepare");
    EXPECT_LT(image.last_cost().peak_memory_kb, 512u << 10);
  }
}

}  // namespace
}  // namespace argot::media
