#include "swarm_transport.h"

using argot::Option;
using argot::OptionType;
using argot::swarm::SwarmTransport;

ARGOT_PLUGIN(
    SwarmTransport,
    {.name = "swarm",
     .version = "1.0.0",
     .summary = "Envelopes through the service nodes of an account's swarm, straight or in onions",
     .provides = "transport/1 vectors/1 paths/1 file-store/1",
     .needs = "network/1 directory/1",
     .options = {
         {Option{"poll_interval", OptionType::duration, "5s", false,
                 "how often a mailbox is asked for news where nodes do not tell (10ms to 60s)"},
          Option{"route", OptionType::text, "onion", false,
                 "onion: through three nodes, which takes four; direct: straight, which shows them our address"},
          Option{"rotate", OptionType::duration, "10m", false,
                 "how long a path keeps its hops behind the guard, about (from 10s); 0s: until it fails"},
          Option{"node_list", OptionType::duration, "90m", false,
                 "how often nodes are asked, in onions, which nodes there are (from 1m), so that seeds need not be "
                 "asked again; 0s: never"},
          Option{"push", OptionType::flag, "true", false, "let nodes that can hold a request until something comes"},
          Option{"timeout", OptionType::duration, "10s", false, "how long one node may take for one answer"},
          Option{"file_server", OptionType::text, "", false,
                 "where files are uploaded to, http://host or http://host:port; default: nowhere"},
          Option{"file_server_key", OptionType::text, "", false,
                 "the Ed25519 key of the file server, 64 hex digits; Session's own server needs none"}}}})
