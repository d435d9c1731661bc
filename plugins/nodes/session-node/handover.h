#pragma once
// Messages on their way from one node to another (swarm.md section 7): batches in the original's format, which has no
// namespaces, and in ours (version 2), which has. Pure.
#include <string>
#include <vector>

#include "calls.h"

namespace argot::node {

struct StoredMessage {
  AccountId account;
  std::int16_t ns = 0;
  std::string hash;
  std::int64_t timestamp = 0, expiry = 0;
  Bytes data;
};

enum class HandoverVersion : Byte { without_namespace = 1, with_namespace = 2 };

/// At least one batch, even of nothing; a batch is closed when the next message would make it larger than `max_size`.
std::vector<std::string> encode_handover(const std::vector<StoredMessage>& messages,
                                         HandoverVersion version = HandoverVersion::with_namespace,
                                         std::size_t max_size = 9'000'000);

/// Nothing when it is malformed or of another version; the whole batch is ignored then. Messages that cannot be right
/// are left out: what is too large, and (version 2) what does not hash to its hash.
std::optional<std::vector<StoredMessage>> decode_handover(std::string_view batch);

/// What one message adds to the size of a batch.
std::size_t handover_cost(const StoredMessage& message);

}  // namespace argot::node
