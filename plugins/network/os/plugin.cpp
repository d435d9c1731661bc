#include "os_network.h"

using argot::Option;
using argot::OptionType;
using argot::os::OsNetwork;

ARGOT_PLUGIN(OsNetwork, {.name = "os",
                         .version = "1.0.0",
                         .summary = "TCP connections of the operating system",
                         .options = {{Option{"connect_timeout", OptionType::duration, "10s", false,
                                             "how long connecting may take, looking up the name included"}}}})
