#pragma once
// Secrets: locked, guarded, wiped memory (libsodium's sodium_malloc). Never copied, never logged.
#include <argot/bytes.h>

#include <utility>

namespace argot {

/// A fixed-size secret. Move-only; the memory is wiped and unlocked on destruction.
class ARGOT_API Secret {
 public:
  Secret() = default;
  /// `size` zero bytes. Throws Error(resource_exhausted) when memory cannot be had.
  explicit Secret(std::size_t size);
  /// A copy of `bytes` (wipe the source yourself).
  explicit Secret(ByteView bytes);
  Secret(Secret&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Secret();

  Byte* data() { return data_; }
  const Byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {data_, size_}; }
  std::span<Byte> span() { return {data_, size_}; }
  Secret clone() const { return Secret(view()); }

 private:
  Byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Overwrites memory in a way the compiler may not remove.
ARGOT_API void wipe(std::span<Byte> bytes);

}  // namespace argot
