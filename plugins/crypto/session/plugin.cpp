#include "session_suite.h"

using argot::Option;
using argot::OptionType;
using argot::session::SessionSuite;

ARGOT_PLUGIN(SessionSuite, {.name = "session",
                            .version = "1.0.0",
                            .summary = "The Session Protocol: signed sealed boxes, as every Session client reads them",
                            .provides = "suite/1 file-cipher/1 vectors/1",
                            .options = {{Option{"files", OptionType::text, "legacy", false,
                                                "how files are encrypted for others: legacy, as Session's own clients "
                                                "do, or stream; both are read"}}}})
