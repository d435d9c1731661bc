#pragma once
// How one plugin reaches another: through a slot that the host may re-bind to a new instance at any time.
//
// A Handle is the address of a slot: keep it as long as you like. A Lease is the right to call the instance
// that is bound now: keep it for one call or one operation, never store it past that. While a lease is held the
// instance is not stopped; new leases go to the new instance from the moment of the swap.
#include <argot/error.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace argot {

/// One running object behind a slot, owned by the host. Never freed while the kernel lives.
struct Instance {
  void* object = nullptr;                ///< the interface pointer for the slot's interface; null once stopped
  std::uint32_t leases = 0;              ///< how many calls are inside
  bool retiring = false;                 ///< a swap waits for leases to reach zero
  void (*drained)(Instance&) = nullptr;  ///< called when retiring and the last lease ends
  void* host = nullptr;
};

/// The place of one service in a kernel, owned by the host, at a fixed address for the kernel's life.
struct Slot {
  Instance* current = nullptr;
  std::string interface_id;  ///< "transport/1"
  std::string provider;      ///< name of the plugin that is bound, "swarm"
};

ARGOT_API void throw_unbound(const Slot& slot);

template <class T> class Lease {
 public:
  explicit Lease(Slot& slot) : instance_(slot.current) {
    if (!instance_ || !instance_->object) [[unlikely]]
      throw_unbound(slot);
    ++instance_->leases;
  }
  Lease(Lease&& other) noexcept : instance_(std::exchange(other.instance_, nullptr)) {}
  Lease& operator=(Lease&& other) noexcept {
    std::swap(instance_, other.instance_);
    return *this;
  }
  ~Lease() {
    if (instance_ && --instance_->leases == 0 && instance_->retiring) [[unlikely]]
      if (instance_->drained) instance_->drained(*instance_);
  }
  T* operator->() const { return static_cast<T*>(instance_->object); }
  T& operator*() const { return *static_cast<T*>(instance_->object); }
  /// True once a swap waits for this lease: end soon.
  bool retiring() const { return instance_->retiring; }

 private:
  Instance* instance_;
};

template <class T> class Handle {
 public:
  Handle() = default;
  explicit Handle(Slot* slot) : slot_(slot) {}
  /// Throws Error(unavailable) when nothing is bound.
  Lease<T> lease() const { return Lease<T>(*slot_); }
  explicit operator bool() const { return slot_ && slot_->current && slot_->current->object; }
  const std::string& provider() const { return slot_->provider; }

 private:
  Slot* slot_ = nullptr;
};

}  // namespace argot
