#include "static_directory.h"

using argot::Option;
using argot::OptionType;
using argot::static_directory::StaticDirectory;

ARGOT_PLUGIN(StaticDirectory, {.name = "static",
                               .version = "1.0.0",
                               .summary = "The service nodes that the profile or a file names",
                               .options = {{Option{"nodes", OptionType::list, "", false,
                                                   "\"host:port ed25519hex [swarmhex]\" for each node"},
                                            Option{"file", OptionType::text, "", false,
                                                   "a file with such lines instead; read again on refresh"}}}})
