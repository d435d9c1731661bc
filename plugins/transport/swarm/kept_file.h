// What a file server says of a file that it keeps (client/attachments.md section 4).
#pragma once
#include <argot/file_store.h>
#include <argot/file_url.h>

namespace argot::swarm {

/// Reads what a server tells of a file: {"id","uploaded","expires","size"}, times in seconds.
/// `base`: its address, whose id is replaced when one is told. Throws Error(corrupt).
KeptFile parse_kept_file(std::string_view json, FileUrl base, bool needs_id);

}  // namespace argot::swarm
