#pragma once
// A plugin: one shared library with a note (plain data, read before any of its code runs) and a door (the
// one function table through which the host makes and unmakes instances).
//
//   class Shout final : public argot::Bot { ... };
//   ARGOT_PLUGIN(Shout, {.name = "shout", .version = "1.0.0", .summary = "Answers in capitals"})
#include <argot/context.h>
#include <argot/descriptor.h>

namespace argot {

/// What every plugin class derives from (through Network, Transport, Suite, Storage, App ...).
class ARGOT_API Plugin {
 public:
  virtual ~Plugin();
  /// Called once. The context lives until stop() has returned. What it throws is reported with the plugin's name,
  /// and everything started before it is stopped again in reverse order.
  virtual Task<> start(Context& ctx);
  /// Called once if start() returned. Finish quickly (the host waits at most 5 s, then cancels).
  virtual Task<> stop();
  /// The pointer for an interface this object implements, as void*, or null.
  virtual void* interface(std::string_view id) noexcept = 0;
};

/// What a plugin of kind K derives from: answers interface() for K.
template <class K> class PluginOf : public Plugin, public K {
 public:
  static constexpr std::string_view plugin_kind = K::kind;
  static constexpr std::string_view provided_interface = K::interface_id;
  void* interface(std::string_view id) noexcept override {
    return id == K::interface_id ? static_cast<K*>(this) : nullptr;
  }
};

namespace door {
/// Version of this table is part of its symbol's name: argot_door_1.
struct Door {
  std::uint32_t size;
  Plugin* (*open)();  ///< may throw: caught by the host while the code is mapped
  void (*close)(Plugin*) noexcept;
};
}  // namespace door

/// Puts the note and the door into the library: its only two exported symbols.
#define ARGOT_PLUGIN(Class, ...)                                                                      \
  extern "C" {                                                                                        \
  ARGOT_API extern const ::argot::note::Note argot_note;                                              \
  [[gnu::section(".argot.note"), gnu::used]] constinit const ::argot::note::Note argot_note =         \
      ::argot::note::make(::argot::kind_of<Class>(::argot::Descriptor __VA_ARGS__));                  \
  ARGOT_API extern const ::argot::door::Door argot_door_1;                                            \
  constinit const ::argot::door::Door argot_door_1 = {sizeof(::argot::door::Door),                    \
                                                      []() -> ::argot::Plugin* { return new Class; }, \
                                                      [](::argot::Plugin* p) noexcept { delete p; }}; \
  }

/// Fills in the kind and the provided interface from the class, unless the author gave them.
template <class P> constexpr Descriptor kind_of(Descriptor d) {
  if (d.kind.empty()) d.kind = P::plugin_kind;
  if (d.provides.empty()) d.provides = P::provided_interface;
  return d;
}

}  // namespace argot
