#include "seed_directory.h"

using argot::Option;
using argot::OptionType;
using argot::seed_directory::SeedDirectory;

ARGOT_PLUGIN(SeedDirectory,
             {.name = "seed",
              .version = "1.0.0",
              .summary = "The service nodes that seeds name, kept for when none of them answers",
              .needs = "network/1",
              .options = {{Option{"seeds", OptionType::list, "", false,
                                  "\"https://host:port [key=base64] [certificate=hex]\" for each seed"},
                           Option{"timeout", OptionType::duration, "5s", false, "how long one seed may take"},
                           Option{"refresh", OptionType::duration, "2h", false, "how often seeds are asked again"},
                           Option{"least_nodes", OptionType::number, "1", false,
                                  "a seed that names fewer usable nodes is not believed"}}}})
