#include <kernel/world/sim_log.h>

#include <fmt/format.h>
#include <sodium.h>

#include <iterator>

namespace argot::kernel {

namespace {
constexpr std::string_view names[] = {"turn", "call", "send", "arrive", "kill", "restart", "control"};
}

std::uint64_t SimLog::hash_of(ByteView bytes) {
  static constexpr Fixed<16> key{};  // fixed: for comparing runs, not against an enemy
  std::uint64_t hash;
  crypto_shorthash(reinterpret_cast<Byte*>(&hash), bytes.data(), bytes.size(), key.data());
  return hash;
}

void SimLog::write(Duration at, SimEventKind kind, std::string_view host_name, std::uint64_t detail,
                   std::uint64_t bytes_hash) {
  if (text_.size() > max_text) return;
  fmt::format_to(std::back_inserter(text_), "{:.6f} {} {} {}", static_cast<double>(at.count()) / 1e6, host_name,
                 names[static_cast<std::size_t>(kind)], detail);
  if (bytes_hash) fmt::format_to(std::back_inserter(text_), " {:016x}", bytes_hash);
  text_ += '\n';
}

}  // namespace argot::kernel
