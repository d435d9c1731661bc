#include "video.h"

using argot::Option;
using argot::OptionType;
using argot::media::Video;

ARGOT_PLUGIN(Video,
             {.name = "video",
              .version = "1.0.0",
              .summary = "Videos without metadata, not encoded again, with a poster",
              .options = {{Option{"megapixels", OptionType::number, "36", false,
                                  "videos with more million pixels a picture are refused"},
                           Option{"thumbnail", OptionType::number, "320", false, "pixels of a poster's longer edge"},
                           ARGOT_SANDBOX_OPTIONS}}})
