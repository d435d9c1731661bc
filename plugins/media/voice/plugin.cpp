#include "voice.h"

using argot::media::Voice;

ARGOT_PLUGIN(Voice, {.name = "voice",
                     .version = "1.0.0",
                     .summary = "Recordings as Opus, with length and waveform",
                     .options = {{ARGOT_SANDBOX_OPTIONS}}})
