#pragma once
// Ties an operation in progress to the cancellation slot of its handler, safely whichever of the two ends first.
#include <argot/task.h>

#include <boost/asio/associated_cancellation_slot.hpp>

namespace argot::kernel {

/// Base of an operation that can be cancelled while it waits. Call unhook() as soon as it completes.
class Cancellable {
 public:
  Cancellable() = default;
  Cancellable(const Cancellable&) = delete;
  Cancellable& operator=(const Cancellable&) = delete;
  virtual ~Cancellable() { unhook(); }

  /// Complete with operation_aborted, not from inside this call. Called at most once, on the loop.
  virtual void cancelled() = 0;

  template <class H> void hook_to(H& handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) slot.template emplace<Hook>(this);
  }
  void unhook() noexcept {
    if (hook_) hook_->operation = nullptr;
    hook_ = nullptr;
  }

 private:
  /// Lives inside the slot.
  struct Hook {
    explicit Hook(Cancellable* o) : operation(o) { o->hook_ = this; }
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;
    ~Hook() {
      if (operation) operation->hook_ = nullptr;
    }
    void operator()(asio::cancellation_type_t type) {
      if (!operation || type == asio::cancellation_type::none) return;
      Cancellable* o = operation;
      o->unhook();
      o->cancelled();
    }
    Cancellable* operation;
  };
  Hook* hook_ = nullptr;
};

}  // namespace argot::kernel
