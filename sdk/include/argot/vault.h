#pragma once
// Where the key of an account's store is kept: wrapped under a passphrase, or in the open in a file that only
// its owner can read. A second factor joins here later.
#include <argot/context.h>
#include <argot/secret.h>

namespace argot {

/// How hard Argon2id works. `interactive` costs about 93 ms and 64 MiB here.
enum class KdfStrength { interactive, moderate };

/// The text to keep (JSON, no secret in it when a passphrase is given).
/// An empty passphrase gives a text that contains the key itself. Argon2id runs off the loop.
ARGOT_API Task<std::string> wrap_key(Context& ctx, Secret key32, Secret passphrase, KdfStrength strength);

/// Whether unwrap_key will need a passphrase. Throws Error(corrupt).
ARGOT_API bool needs_passphrase(std::string_view wrapped);

/// Throws Error(unauthenticated) on a wrong passphrase, Error(corrupt) when the text is damaged, Error(incompatible)
/// when a newer version wrote it. Argon2id runs off the loop.
ARGOT_API Task<Secret> unwrap_key(Context& ctx, std::string wrapped, Secret passphrase);

}  // namespace argot
