#pragma once
// A function that is called at most once, in 64 bytes without touching the heap for all that the simulation queues.
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace argot::kernel {

class SimJob {
 public:
  SimJob() = default;
  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, SimJob>)
  explicit SimJob(F&& f) {
    using Function = std::decay_t<F>;
    if constexpr (sizeof(Function) <= room && alignof(Function) <= alignof(std::max_align_t) &&
                  std::is_nothrow_move_constructible_v<Function>) {
      new (place_) Function(std::forward<F>(f));
      act_ = [](Act act, void* self, void* other) {
        Function& function = *static_cast<Function*>(self);
        if (act == Act::move) {
          new (other) Function(std::move(function));
          function.~Function();
        } else if (act == Act::run) {
          Function last(std::move(function));
          function.~Function();
          std::move(last)();
        } else {
          function.~Function();
        }
      };
    } else {
      new (place_) Function*(new Function(std::forward<F>(f)));
      act_ = [](Act act, void* self, void* other) {
        Function* function = *static_cast<Function**>(self);
        if (act == Act::move) {
          new (other) Function*(function);
        } else {
          struct Owner {
            Function* f;
            ~Owner() { delete f; }
          } owner{function};
          if (act == Act::run) std::move (*function)();
        }
      };
    }
  }
  SimJob(SimJob&& other) noexcept : act_(std::exchange(other.act_, nullptr)) {
    if (act_) act_(Act::move, other.place_, place_);
  }
  SimJob& operator=(SimJob&& other) noexcept {
    if (this == &other) return *this;
    reset();
    act_ = std::exchange(other.act_, nullptr);
    if (act_) act_(Act::move, other.place_, place_);
    return *this;
  }
  ~SimJob() { reset(); }

  explicit operator bool() const { return act_ != nullptr; }
  /// Empty afterwards, also when it throws.
  void run() { std::exchange(act_, nullptr)(Act::run, place_, nullptr); }
  /// Destroys the function without calling it.
  void reset() {
    if (act_) std::exchange(act_, nullptr)(Act::drop, place_, nullptr);
  }

 private:
  enum class Act { move, run, drop };
  static constexpr std::size_t room = 48;
  void (*act_)(Act, void*, void*) = nullptr;
  alignas(std::max_align_t) std::byte place_[room];
};

}  // namespace argot::kernel
