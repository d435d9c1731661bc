#include "image.h"

using argot::Option;
using argot::OptionType;
using argot::media::Image;

ARGOT_PLUGIN(Image,
             {.name = "image",
              .version = "1.0.0",
              .summary = "Pictures without metadata, the right way up, with thumbnails",
              .options = {{Option{"megapixels", OptionType::number, "64", false,
                                  "pictures with more million pixels are refused"},
                           Option{"thumbnail", OptionType::number, "320", false, "pixels of a thumbnail's longer edge"},
                           ARGOT_SANDBOX_OPTIONS}}})
