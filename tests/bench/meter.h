#pragma once
// Whose time it is: a counter of processor ticks for each part of the work, switched by scopes. One thread only.
#include <cstddef>
#include <cstdint>

namespace argot::bench {

enum class Part { rest, crypto, database, stub };
inline constexpr std::size_t parts = 4;

class Meter {
 public:
  /// All to zero; time counts as Part::rest from now on.
  static void start();
  /// Ticks of each part since start().
  struct Ticks {
    std::uint64_t of[parts] = {};
    double operator[](Part part) const { return double(of[std::size_t(part)]); }
    double total() const;
  };
  static Ticks stop();
  static bool running();
  /// Nanoseconds of a tick.
  static double tick();

  /// Time counts as this part until the end of the scope. Does nothing when the meter is off or on another thread.
  class Scope {
   public:
    explicit Scope(Part part);
    ~Scope();
    Scope(const Scope&) = delete;

   private:
    Part before_;
    bool on_;
  };
};

/// Counts calls of operator new for at least `size` bytes, in all libraries of the process, outside scopes of
/// Part::stub.
class LargeAllocations {
 public:
  explicit LargeAllocations(std::size_t size);
  ~LargeAllocations();
  std::size_t count() const;
};

}  // namespace argot::bench
