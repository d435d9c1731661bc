#include <kernel/host/component.h>

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace argot::kernel {

Component::Component(PlannedPlugin plan, ContextHome& home, std::shared_ptr<Turns> turns,
                     std::shared_ptr<Registry> registry)
    : plan_(std::move(plan)),
      home_(home),
      registry_(std::move(registry)),
      context_(
          std::make_unique<KernelContext>(home, std::move(turns), plan_.info.kind, plan_.instance, plan_.settings)) {}

Component::~Component() {
  kill();
  destroy();
}

void Component::create(const std::function<std::unique_ptr<Plugin>()>& make) {
  context_->set_keeper(weak_from_this());
  if (!make) {
    library_ = Library::load(plan_.file, plan_.info);
    plugin_ = library_->create();
    return;
  }
  std::optional<Error> failure;
  try {
    plugin_ = PluginPtr(make().release(), PluginDeleter{});
  } catch (...) {
    failure = to_error(std::current_exception());
  }
  if (failure)
    throw Error(failure->code(), fmt::format("{} could not be created: {}", title(), failure->what()),
                failure->remedy());
}

void Component::make_instances() {
  for (const std::string& id : plan_.info.provides) {
    void* object = plugin_->interface(id);
    if (!object)
      throw Error(Code::internal,
                  fmt::format("{} says that it provides {}, but its interface() does not give it.", title(), id),
                  "This is a defect of the plugin: derive it from PluginOf<...>, or correct `provides`.");
    Instance& instance = registry_->instances.emplace_back();
    instance.object = object;
    instance.host = this;
    instances_.push_back(&instance);
  }
}

Task<> Component::start() {
  auto call = [](Plugin* plugin, Context* context) -> Task<> { co_await plugin->start(*context); };
  Task<> task = call(plugin_.get(), context_.get());
  std::optional<Error> failure = co_await context_->run("start", std::move(task), start_limit);
  if (!failure) {
    started_ = true;
    co_return;
  }
  // Its stop() is not called; what it began is taken away.
  context_->set_stopping();
  context_->cancel_tasks();
  context_->refuse_waits();
  context_->cancel_waits();
  co_await settle(32);
  kill();
  throw Error(failure->code(), fmt::format("{} could not start: {}", title(), failure->what()), failure->remedy());
}

std::uint32_t Component::leases() const {
  std::uint32_t n = 0;
  for (const Instance* i : instances_) n += i->leases;
  return n;
}

Task<bool> Component::drain(Duration limit) {
  Gate gate;
  drained_ = gate;
  for (Instance* i : instances_) {
    i->retiring = true;
    i->drained = [](Instance& instance) {
      auto* self = static_cast<Component*>(instance.host);
      if (self->leases() == 0 && self->drained_) self->drained_->open();
    };
  }
  if (leases() > 0) {
    Alarm alarm(home_.world(), limit, gate);
    co_await gate.wait();
  }
  co_return leases() == 0;
}

/// Lets what has been told to end do so.
Task<> Component::settle(int turns) {
  asio::any_io_executor executor = home_.world().executor();  // turns of the world: everybody else has some meanwhile
  asio::use_awaitable_t<> token;
  for (; turns > 0 && context_->task_count() > 0; --turns) co_await asio::post(executor, token);
}

Task<> Component::pause(Duration time) {
  Gate gate;
  Alarm alarm(home_.world(), time, gate);
  co_await gate.wait();
}

void Component::note_leftovers(std::vector<Leftover>& leftovers, std::string what, bool obeyed) {
  home_.write_log(
      obeyed ? LogLevel::debug : LogLevel::warning, plan_.instance,
      obeyed ? fmt::format("plugin {} left {} running after stop(); it ended when told to", plan_.instance, what)
             : fmt::format("plugin {} left {} running after stop(); the host took it away", plan_.instance, what));
  leftovers.push_back({title(), std::move(what), obeyed});
}

Task<> Component::stop(std::vector<Leftover>& leftovers) {
  context_->set_stopping();
  if (started_) {
    started_ = false;
    auto call = [](Plugin* plugin) -> Task<> { co_await plugin->stop(); };
    Task<> task = call(plugin_.get());
    std::optional<Error> failure = co_await context_->run("stop", std::move(task), stop_limit);
    if (failure)
      home_.write_log(LogLevel::error, plan_.instance,
                      fmt::format("plugin {}: stop failed: {}", plan_.instance, failure->sentence()));
  }
  co_await settle(32);
  std::vector<std::string> before = context_->task_names();
  bool callers = leases() > 0;  // their waits are not the plugin's fault
  context_->cancel_tasks();
  co_await settle(32);
  for (int i = 0; i < 25 && context_->task_count() > 0; ++i) co_await pause(std::chrono::milliseconds(10));
  std::vector<std::string> after = context_->task_names();
  for (const std::string& name : before) {
    auto still = std::find(after.begin(), after.end(), name);
    bool obeyed = still == after.end();
    if (!obeyed) after.erase(still);
    note_leftovers(leftovers, "task " + name, obeyed);
  }
  auto count = [](std::size_t n, const char* one, const char* many) {
    return n == 1 ? std::string(one) : fmt::format("{} {}", n, many);
  };
  if (std::size_t n = context_->wait_count(); n > 0 && !callers)
    note_leftovers(leftovers, count(n, "a timer", "timers"), false);
  if (std::size_t n = context_->job_count(); n > 0)
    note_leftovers(leftovers, count(n, "a job off the loop", "jobs off the loop"), false);
  context_->refuse_waits();
  context_->cancel_waits();
  co_await settle(4);
  for (int i = 0; i < 500 && context_->job_count() > 0; ++i) co_await pause(std::chrono::milliseconds(10));
  if (callers && leases() > 0) {
    bool left = co_await drain(stop_limit);
    if (!left) note_leftovers(leftovers, count(leases(), "a call inside", "calls inside"), false);
  }
  kill();
}

void Component::kill() {
  if (killed_) return;
  killed_ = true;
  for (Instance* i : instances_) i->drained = nullptr;
  drained_.reset();
  context_->kill();
}

void Component::destroy() {
  if (!plugin_) return;
  for (Instance* i : instances_) i->object = nullptr;
  plugin_.reset();
}

}  // namespace argot::kernel
