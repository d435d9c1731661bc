#include "session_suite.h"

using argot::session::SessionSuite;

ARGOT_PLUGIN(SessionSuite, {.name = "session",
                            .version = "1.0.0",
                            .summary = "The Session Protocol: signed sealed boxes, as every Session client reads them",
                            .provides = "suite/1 vectors/1"})
