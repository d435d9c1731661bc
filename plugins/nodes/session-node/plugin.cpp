// What the host reads before it loads this node: name, needs and options.
#include "session_node.h"

ARGOT_PLUGIN(
    argot::node::SessionNode,
    {.name = "session-node",
     .version = "0.1.0",
     .summary = "A service node: keeps messages for the accounts of its swarm",
     .provides = "app/1 vectors/1",
     .needs = "network/1",
     .options = {
         argot::Option{
             .name = "listen", .fallback = "127.0.0.1:22021", .help = "where clients connect (HTTPS), host:port"},
         argot::Option{.name = "public_host",
                       .help = "the host that others reach this node by; default: that of listen"},
         argot::Option{.name = "swarm", .help = "id of its swarm in hex; default: one of its own"},
         argot::Option{.name = "nodes",
                       .type = argot::OptionType::list,
                       .help = "all nodes, itself too, each \"host:port ed25519hex swarmhex\""},
         argot::Option{.name = "nodes_file", .help = "a file with such lines instead; read again when it changes"},
         argot::Option{.name = "announce_file", .help = "a file to write its own line to"},
         argot::Option{.name = "rate_limit",
                       .type = argot::OptionType::flag,
                       .fallback = "true",
                       .help = "at most 300 requests a second from one IPv4 address"},
         argot::Option{.name = "max_db_size",
                       .type = argot::OptionType::size,
                       .fallback = "3584MiB",
                       .help = "how large the file of messages may grow"},
         argot::Option{.name = "seed_listen",
                       .help = "serve the list of nodes to clients here (plain HTTP, POST /json_rpc), host:port"},
         argot::Option{.name = "seed_tls_listen", .help = "the same over HTTPS, with the node's certificate"},
         argot::Option{.name = "test_peers",
                       .type = argot::OptionType::flag,
                       .fallback = "true",
                       .help = "test about every 10 s whether another node can be reached"},
         argot::Option{.name = "key_seed",
                       .help = "its key, 64 hex digits (tests, simulations); default: made and kept"},
         argot::Option{.name = "shard",
                       .help = "set by workers: in the profile. Which of the node's kernels this one is: 2/3"},
         argot::Option{.name = "shards_meet",
                       .help = "the address at which the first of them waits for the others; default: a socket in its "
                               "folder"},
     }})
