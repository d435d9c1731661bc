#pragma once
// One plugin instance from creation to end: its code, its object, its context, the slots that lead to it.
#include <kernel/host/gate.h>
#include <kernel/host/kernel_context.h>
#include <kernel/host/library.h>
#include <kernel/host/profile_check.h>

#include <deque>

namespace argot::kernel {

/// Slots and instances of a kernel. Leases point into it, so it lives as long as any component.
struct Registry {
  std::deque<Slot> slots;
  std::deque<Instance> instances;
};

/// Something that was still there after a plugin's stop() had returned.
struct Leftover {
  std::string plugin;   ///< "transport/swarm 1.0.0"
  std::string what;     ///< "task poll", "2 timers", "1 job off the loop", "3 calls inside"
  bool obeyed = false;  ///< a task that ended when it was told to; anything else had to be taken away
};

class Component : public std::enable_shared_from_this<Component> {
 public:
  Component(PlannedPlugin plan, ContextHome& home, std::shared_ptr<Turns> turns, std::shared_ptr<Registry> registry);
  ~Component();

  /// How long a plugin may take.
  static constexpr Duration start_limit = std::chrono::seconds(60);
  static constexpr Duration stop_limit = std::chrono::seconds(5);

  /// Loads the code and makes the object; `make` for components that are compiled in. Throws Error.
  void create(const std::function<std::unique_ptr<Plugin>()>& make);
  /// Runs the plugin's start(). Throws Error that names the plugin; then nothing of it is left running.
  Task<> start();
  /// One instance for each interface it provides, in that order. Throws Error when it does not give one.
  void make_instances();

  /// Waits until nobody is inside, at most `limit`; true if so. Calls that end from now on are noticed.
  Task<bool> drain(Duration limit);
  /// Makes calls that wait inside fail, so that they leave.
  void interrupt() { context_->cancel_waits(); }
  /// Runs the plugin's stop() and takes away whatever it left; adds that to `leftovers`.
  Task<> stop(std::vector<Leftover>& leftovers);
  /// Ends everything at once without running any of the plugin's code.
  void kill();
  /// Whether something still refers to the object, so that it must stay.
  bool in_use() const { return leases() > 0 || context_->task_count() > 0; }
  /// Destroys the object; its code stays.
  void destroy();

  const PlannedPlugin& plan() const { return plan_; }
  std::string title() const { return plan_.title(); }
  KernelContext& context() { return *context_; }
  Plugin* plugin() { return plugin_.get(); }
  bool started() const { return started_; }
  std::uint32_t leases() const;
  const std::vector<Instance*>& instances() const { return instances_; }  ///< as plan().info.provides
  std::shared_ptr<Library> take_library() { return std::move(library_); }

 private:
  Task<> settle(int turns);
  Task<> pause(Duration time);
  void note_leftovers(std::vector<Leftover>& leftovers, std::string what, bool obeyed);

  PlannedPlugin plan_;
  ContextHome& home_;
  std::shared_ptr<Registry> registry_;  ///< outlives the object
  std::shared_ptr<Library> library_;
  std::unique_ptr<KernelContext> context_;
  PluginPtr plugin_;
  std::vector<Instance*> instances_;
  std::optional<Gate> drained_;
  bool started_ = false, killed_ = false;
};

}  // namespace argot::kernel
