#pragma once
// What a namespace's number means (storage_node.md section 6).
#include <cstdint>
#include <string>

namespace argot::node {

inline constexpr std::int64_t second_ms = 1000, day_ms = 86'400'000;
inline constexpr std::int64_t min_ttl_ms = 10 * second_ms;
inline constexpr std::int64_t max_private_ttl_ms = 30 * day_ms;

/// Anyone may store without a signature.
constexpr bool is_public_inbox(std::int16_t n) { return n % 10 == 0; }
/// Holds one message, which anyone may retrieve.
constexpr bool is_public_outbox(std::int16_t n) { return n < 0 && -n % 20 == 1; }
/// Anyone may retrieve; -10 is that of the old groups.
constexpr bool is_open_to_readers(std::int16_t n) { return is_public_outbox(n) || n == -10; }
/// A revoked subaccount may still retrieve: how it learns that it was revoked.
constexpr bool is_open_to_revoked(std::int16_t n) { return n < 0 && -n % 100 == 11; }

constexpr std::int64_t max_ttl_ms(std::int16_t n) { return is_public_inbox(n) ? 14 * day_ms : max_private_ttl_ms; }

/// The number's form inside signed bytes and message hashes: empty for namespace 0.
inline std::string namespace_text(std::int16_t n) { return n == 0 ? "" : std::to_string(n); }

}  // namespace argot::node
