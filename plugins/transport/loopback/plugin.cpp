#include "loopback_transport.h"

using argot::loopback::LoopbackTransport;

ARGOT_PLUGIN(LoopbackTransport, {.name = "loopback",
                                 .version = "1.0.0",
                                 .summary = "Envelopes between the kernels of one process, without a network",
                                 .provides = "transport/1 file-store/1"})
