// What the host reads before it loads this server: name, needs and options.
#include "file_server.h"

ARGOT_PLUGIN(
    argot::files::FileServer,
    {.name = "file-server",
     .version = "0.1.0",
     .summary = "A file server: keeps attachments and avatars, reached through onion requests",
     .needs = "network/1",
     .options = {
         argot::Option{.name = "listen",
                       .fallback = "127.0.0.1:8000",
                       .help = "where the last hop of an onion, or a client, connects (HTTP), host:port"},
         argot::Option{.name = "max_file",
                       .type = argot::OptionType::size,
                       .fallback = "10MiB",
                       .help = "the largest file that is taken, encrypted as it is"},
         argot::Option{
             .name = "ttl", .type = argot::OptionType::duration, .fallback = "14d", .help = "how long a file is kept"},
         argot::Option{.name = "min_free",
                       .type = argot::OptionType::size,
                       .fallback = "1GiB",
                       .help = "take no file that would leave less than this free on the disk"},
         argot::Option{.name = "releases",
                       .type = argot::OptionType::list,
                       .help = "what /session_version says: desktop=v1.17.17@1750000000"},
         argot::Option{.name = "announce_file", .help = "a file to write its address and keys to"},
         argot::Option{.name = "key_seed",
                       .help = "its key, 64 hex digits (tests, simulations); default: made and kept"},
     }})
