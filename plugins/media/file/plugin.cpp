#include "file.h"

using argot::media::File;

ARGOT_PLUGIN(File, {.name = "file", .version = "1.0.0", .summary = "Any file as it is, with a clean name and its type"})
