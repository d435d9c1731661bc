#include "sim_network.h"

using argot::sim::SimNetwork;

ARGOT_PLUGIN(SimNetwork,
             {.name = "sim", .version = "1.0.0", .summary = "Connections inside a simulation", .needs = "fabric/1"})
