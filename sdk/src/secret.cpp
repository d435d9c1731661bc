#include <argot/error.h>
#include <argot/secret.h>
#include <sodium.h>

#include <cstring>
#include <mutex>

namespace argot {
namespace {

/// libsodium chooses its fast code paths here; everything that links the SDK may rely on it.
const int sodium_ready = sodium_init();

/// Keys are 32 or 64 bytes, and one sodium_malloc each would cost four pages and six system calls. So small
/// secrets share guarded, locked pages: 63 slots and libsodium's canary fill one page.
class Slots {
 public:
  static constexpr std::size_t slot_size = 64, slots_per_page = 63;

  Byte* take() {
    std::lock_guard lock(mutex_);
    if (free_.empty()) grow();
    if (free_.empty()) return nullptr;
    Byte* slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void give_back(Byte* slot) noexcept {
    std::lock_guard lock(mutex_);
    free_.push_back(slot);  // cannot throw: grow() reserved room for every slot
  }

 private:
  void grow() {
    free_.reserve((pages_ + 1) * slots_per_page);
    auto* page = static_cast<Byte*>(sodium_malloc(slot_size * slots_per_page));
    if (page == nullptr) return;
    ++pages_;
    for (std::size_t i = slots_per_page; i-- > 0;) free_.push_back(page + i * slot_size);
  }

  std::mutex mutex_;  // offloaded work holds secrets too
  std::vector<Byte*> free_;
  std::size_t pages_ = 0;
};

/// Never destroyed: secrets of other static objects may outlive it.
Slots& slots() {
  static auto& instance = *new Slots;
  return instance;
}

[[noreturn]] void no_memory() {
  throw Error(Code::resource_exhausted, "No protected memory is left for a key.",
              "Raise the limit on locked memory (ulimit -l) or close other programs.");
}

}  // namespace

Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) return;
  (void)sodium_ready;
  data_ = size <= Slots::slot_size ? slots().take() : static_cast<Byte*>(sodium_malloc(size));
  if (data_ == nullptr) no_memory();
  std::memset(data_, 0, size);
}

Secret::Secret(ByteView bytes) : Secret(bytes.size()) {
  if (!bytes.empty()) std::memcpy(data_, bytes.data(), bytes.size());
}

Secret::~Secret() {
  if (data_ == nullptr) return;
  if (size_ <= Slots::slot_size) {
    sodium_memzero(data_, size_);
    slots().give_back(data_);
  } else {
    sodium_free(data_);  // wipes
  }
}

void wipe(std::span<Byte> bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace argot
