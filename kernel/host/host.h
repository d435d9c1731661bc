#pragma once
// Loads, connects, starts, swaps and stops the plugins of one kernel.
//
// Everything happens on the loop of the kernel's world. The host owns all plugin objects; whoever wants to call one
// gets a Handle (a slot's address) and takes leases through it.
#include <kernel/host/component.h>
#include <kernel/host/resolver.h>

#include <map>

namespace argot::kernel {

class Host;

/// What is to take the place of what.
struct SwapRequest {
  std::string kind;  ///< "transport"
  std::string from;  ///< name of the instance that runs now; may be empty when there is only one of the kind
  std::string to;    ///< a plugin's name, or the path of a .so file; the same name loads its file anew
  /// "option=value" each, as in YAML. A plugin that replaces itself keeps its old settings besides.
  std::vector<std::string> options;
  SwapRequest(std::string k, std::string f, std::string t, std::vector<std::string> o = {})
      : kind(std::move(k)), from(std::move(f)), to(std::move(t)), options(std::move(o)) {}
};

/// One running component, for lists.
struct Running {
  std::string kind, name, version, summary;
  std::filesystem::path file;  ///< empty: compiled into the kernel
  std::uint32_t calls_inside = 0;
  std::size_t tasks = 0, timers = 0;
};

class Host final : private ContextHome {
 public:
  using Factory = std::function<std::unique_ptr<Plugin>(Host&)>;
  /// Called in a swap when the new instance has started and before the exchange; throwing keeps the old one.
  using Rebinder = std::function<Task<>(Slot& slot, Instance& next)>;

  /// `world` must outlive the host.
  Host(World& world, Profile profile, std::shared_ptr<const Catalog> catalog);
  /// Without stop(): everything is dropped at once, no plugin code but destructors runs. Not from inside a turn of
  /// this host.
  ~Host();
  Host(const Host&) = delete;

  /// A component compiled into the kernel. It joins when a plugin needs what it provides, or when all that it needs
  /// is there. Before start().
  void add_builtin(const Descriptor& descriptor, Factory make);
  /// Who moves state when the provider of an interface is swapped; one for each interface. An empty function takes the
  /// one before back.
  void on_swap(std::string interface_id, Rebinder rebinder);

  /// Checks the profile against the plugins' notes and resolves what they need, without loading anything; start()
  /// does it too. Throws one Error with everything that is wrong.
  void check();
  // start, stop and swap begin with the call; what they return is for waiting, and may outlive the host
  // (Error(cancelled) then).

  /// Loads and starts everything in order. On failure what had started is stopped again in reverse order; the Error
  /// names the plugin. Once.
  Task<> start();
  /// Stops in reverse order; each plugin has 5 s, then what is left of it is taken away. Never throws for a plugin.
  Task<> stop();
  /// Puts a new instance in the place of a running one, losing no call: the new one is checked, loaded and started,
  /// then the slots change, then calls inside the old one end (5 s), then it is stopped. Throws Error, and then the
  /// old one runs on as before. One swap at a time (already_exists).
  Task<> swap(SwapRequest request);

  /// Slots by interface, in the order of starting; empty when nobody provides it.
  std::vector<Slot*> slots(std::string_view interface_id) { return find_slots(interface_id); }
  /// Throws Error(not_found) when nobody provides T.
  template <class T> Handle<T> service() { return Handle<T>(&only_slot(T::interface_id)); }
  /// The context of a running component, for tests and tools. Throws Error(not_found).
  Context& context(std::string_view kind, std::string_view name);

  bool running() const { return state_ == State::running; }
  std::vector<Running> running_plugins() const;
  /// What plugins left behind when they were stopped, oldest first; at most 1,000.
  const std::vector<Leftover>& leftovers() const { return leftovers_; }
  /// Called (as a turn of the host) when a plugin asks the kernel to stop.
  std::function<void(int code)> on_stop_request;
  /// Whether a swap tries to unmap the old code (verified; off by default, see docs/design/host.md).
  bool unmap_retired = false;
  std::size_t unmapped() const { return unmapped_; }

  World& world() override { return world_; }
  const Profile& profile() const { return profile_; }
  const Catalog& catalog() const { return *catalog_; }

 private:
  enum class State { idle, starting, running, stopping, stopped };
  struct Builtin {
    PluginInfo info;
    Factory make;
  };
  struct Plan {
    std::vector<PlannedPlugin> plugins;  ///< in the order of starting
  };

  std::vector<Slot*> find_slots(std::string_view interface_id) override;
  std::filesystem::path component_dir(const std::string& kind, const std::string& name) override;
  void write_log(LogLevel level, std::string_view who, std::string_view text) override;
  void stop_requested(int code) override;

  Slot& only_slot(std::string_view interface_id);
  std::vector<std::string> given() const;
  std::vector<PluginInfo> own() const;
  Plan make_plan() const;
  std::vector<std::size_t> order_of(const std::vector<const PlannedPlugin*>& plugins) const;
  std::shared_ptr<Component> make_component(PlannedPlugin plan);
  void add_slots(Component& component);
  void bind(Component& component);
  void unbind(Component& component);
  Task<> run(std::string what, Task<> task);
  static Task<> throw_failure(Task<std::optional<Error>> outcome);
  Task<> start_all();
  Task<> stop_all();
  Task<> stop_one(std::shared_ptr<Component> component);
  Task<> swap_one(SwapRequest request);
  PlannedPlugin plan_next(const SwapRequest& request, const Component& old) const;
  std::size_t find_component(std::string_view kind, std::string_view name) const;
  void retire(std::shared_ptr<Component> component);

  World& world_;
  Profile profile_;
  std::shared_ptr<const Catalog> catalog_;
  std::shared_ptr<Turns> turns_;
  std::shared_ptr<Registry> registry_ = std::make_shared<Registry>();
  std::map<const Component*, std::vector<Slot*>> slots_of_;  ///< as the component's instances
  std::unique_ptr<KernelContext> own_context_;               ///< runs the host's own coroutines
  std::vector<Builtin> builtins_;
  std::map<std::string, Rebinder, std::less<>> rebinders_;
  std::vector<std::shared_ptr<Component>> components_;  ///< in the order of starting
  std::vector<std::shared_ptr<Component>> zombies_;     ///< stopped, but something still refers to them
  std::vector<Leftover> leftovers_;
  Instance fabric_;
  State state_ = State::idle;
  bool swapping_ = false;
  Gate swap_over_;
  std::size_t unmapped_ = 0;
};

}  // namespace argot::kernel
