#pragma once
// What happened in a simulation, in order: always as a running hash, on request as text. Two runs of the same seed
// must agree in both to the byte; where they do not, the first line that differs says where to look.
#include <argot/bytes.h>
#include <argot/task.h>

namespace argot::kernel {

enum class SimEventKind : std::uint8_t {
  turn,     ///< one stretch of a host's code; detail: its number on that host
  call,     ///< at() or in(); detail: its id
  send,     ///< a packet leaves; detail: connection and packet kind; hash: of its bytes
  arrive,   ///< the same at the other end
  kill,     ///< a host dies; detail: its turns until then
  restart,  ///< a host is there again
  control   ///< the experiment changed a link; detail: which way
};

class SimLog {
 public:
  /// Lines kept as text; the hash goes on.
  static constexpr std::size_t max_text = 256 * 1024 * 1024;

  void record_text(bool on) { text_on_ = on; }
  void add(Duration at, SimEventKind kind, std::uint32_t host, std::string_view host_name, std::uint64_t detail,
           std::uint64_t bytes_hash = 0) {
    hash_ = mix(hash_ ^ static_cast<std::uint64_t>(at.count()), (std::uint64_t(host) << 8) | std::uint64_t(kind));
    hash_ = mix(hash_ ^ detail, bytes_hash ^ 0x9e3779b97f4a7c15);
    ++count_;
    if (text_on_) [[unlikely]]
      write(at, kind, host_name, detail, bytes_hash);
  }
  std::uint64_t hash() const { return hash_; }
  /// How many events there were.
  std::uint64_t count() const { return count_; }
  const std::string& text() const { return text_; }
  static std::uint64_t hash_of(ByteView bytes);

 private:
  static std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a ^ 0x2d358dccaa6c78a5) * (b ^ 0x8bb84b93962eacc9);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  void write(Duration at, SimEventKind kind, std::string_view host_name, std::uint64_t detail,
             std::uint64_t bytes_hash);

  std::uint64_t hash_ = 0, count_ = 0;
  bool text_on_ = false;
  std::string text_;
};

}  // namespace argot::kernel
