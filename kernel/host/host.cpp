#include <kernel/host/host.h>
#include <kernel/host/nearest.h>

#include <argot/fabric.h>

#include <fmt/format.h>

#include <algorithm>

namespace argot::kernel {
namespace {

constexpr std::size_t most_leftovers = 1000;

/// One turn of the world for each turn in a simulation, so that it can end the world between any two.
std::size_t batch_for(World& world) { return world.fabric() ? 1 : 64; }

Wanted wanted(const PluginInfo& info, std::string title) {
  return {std::move(title), info.kind, info.provides, info.needs};
}

}  // namespace

Host::Host(World& world, Profile profile, std::shared_ptr<const Catalog> catalog)
    : world_(world),
      profile_(std::move(profile)),
      catalog_(std::move(catalog)),
      turns_(std::make_shared<Turns>(world.executor(), batch_for(world))) {
  turns_->on_failure = [this](const TurnOwner& owner, std::exception_ptr failure) {
    write_log(LogLevel::error, owner.name,
              fmt::format("plugin {}: a callback failed: {}", owner.name, to_error(std::move(failure)).sentence()));
  };
  ContextHome& home = *this;
  own_context_ = std::make_unique<KernelContext>(home, turns_, "kernel", "kernel", Settings{});
  if (Fabric* fabric = world.fabric()) {
    fabric_.object = fabric;
    registry_->slots.push_back({&fabric_, std::string(Fabric::interface_id), "world"});
  }
}

Host::~Host() {
  on_stop_request = nullptr;
  own_context_->kill();  // first: nothing of start, stop or swap goes on
  for (auto c = components_.rbegin(); c != components_.rend(); ++c) (*c)->kill();
  for (auto& zombie : zombies_) zombie->kill();
  turns_->kill_all();
  while (!components_.empty()) components_.pop_back();
  zombies_.clear();
}

void Host::add_builtin(const Descriptor& descriptor, Factory make) {
  builtins_.push_back({info_of(descriptor), std::move(make)});
}

void Host::on_swap(std::string interface_id, Rebinder rebinder) {
  if (!rebinder) {
    rebinders_.erase(interface_id);
    return;
  }
  if (!rebinders_.emplace(interface_id, std::move(rebinder)).second)
    throw Error(Code::internal,
                fmt::format("Two components want to move the state behind {} in a swap.", interface_id));
}

std::vector<std::string> Host::given() const {
  std::vector<std::string> ids;
  if (fabric_.object) ids.emplace_back(Fabric::interface_id);
  return ids;
}

std::vector<PluginInfo> Host::own() const {
  std::vector<PluginInfo> infos;
  for (const Builtin& b : builtins_) infos.push_back(b.info);
  return infos;
}

std::vector<std::size_t> Host::order_of(const std::vector<const PlannedPlugin*>& plugins) const {
  std::vector<Wanted> all;
  for (const PlannedPlugin* p : plugins) all.push_back(wanted(p->info, p->title()));
  return start_order(all, given(), [this](const std::string& id) {
    std::vector<std::string> known = catalog_->providers(id);
    for (const Builtin& b : builtins_)
      if (std::find(b.info.provides.begin(), b.info.provides.end(), id) != b.info.provides.end())
        known.push_back(b.info.name);
    return known;
  });
}

Host::Plan Host::make_plan() const {
  std::vector<PlannedPlugin> plugins = check_profile(profile_, *catalog_, own());
  std::vector<Wanted> listed, optional;
  std::vector<PlannedPlugin> offers;
  for (const PlannedPlugin& p : plugins) listed.push_back(wanted(p.info, p.title()));
  for (const Builtin& b : builtins_) {
    bool named = std::any_of(plugins.begin(), plugins.end(),
                             [&](const PlannedPlugin& p) { return p.file.empty() && p.info.kind == b.info.kind; });
    if (named) continue;
    PluginUse use;
    use.kind = b.info.kind;
    use.use = b.info.name;
    use.at.origin = "the kernel";
    std::vector<Problem> problems;
    PlannedPlugin p = check_use(use, true, *catalog_, own(), problems);
    if (!problems.empty()) throw error_of(problems, profile_.origin);
    optional.push_back(wanted(p.info, p.title()));
    offers.push_back(std::move(p));
  }
  for (std::size_t i : joining(listed, optional, given())) plugins.push_back(std::move(offers[i]));
  std::vector<const PlannedPlugin*> pointers;
  for (const PlannedPlugin& p : plugins) pointers.push_back(&p);
  Plan plan;
  for (std::size_t i : order_of(pointers)) plan.plugins.push_back(std::move(plugins[i]));
  return plan;
}

void Host::check() { (void)make_plan(); }

std::shared_ptr<Component> Host::make_component(PlannedPlugin plan) {
  std::function<std::unique_ptr<Plugin>()> make;
  if (plan.file.empty())
    for (Builtin& b : builtins_)
      if (b.info.kind == plan.info.kind && b.info.name == plan.info.name) make = [this, &b] { return b.make(*this); };
  ContextHome& home = *this;
  auto component = std::make_shared<Component>(std::move(plan), home, turns_, registry_);
  component->create(make);
  component->make_instances();
  return component;
}

void Host::add_slots(Component& component) {
  for (const std::string& id : component.plan().info.provides) {
    registry_->slots.push_back({nullptr, id, component.plan().instance});
    slots_of_[&component].push_back(&registry_->slots.back());
  }
}

void Host::bind(Component& component) {
  auto& slots = slots_of_[&component];
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i]->current = component.instances()[i];
    slots[i]->provider = component.plan().instance;
  }
}

void Host::unbind(Component& component) {
  for (Slot* slot : slots_of_[&component]) slot->current = nullptr;
}

/// Runs one of the host's own coroutines on its own turns, so that destroying the host ends it.
Task<> Host::run(std::string what, Task<> task) {
  return throw_failure(own_context_->run(std::move(what), std::move(task), Duration::zero()));
}

Task<> Host::throw_failure(Task<std::optional<Error>> outcome) {
  std::optional<Error> failure = co_await std::move(outcome);
  if (failure) throw *failure;
}

Task<> Host::start() {
  if (state_ != State::idle)
    throw Error(Code::already_exists, "This kernel has been started already.", "Make a new one.");
  state_ = State::starting;
  return run("start", start_all());
}

Task<> Host::start_all() {
  std::optional<Error> failure;
  try {
    Plan plan = make_plan();
    // All code is loaded and all objects are made before any of them starts: most failures are found here.
    for (PlannedPlugin& p : plan.plugins) components_.push_back(make_component(std::move(p)));
    for (auto& c : components_) add_slots(*c);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    while (!components_.empty()) components_.pop_back();
    slots_of_.clear();
    state_ = State::stopped;
    throw *failure;
  }
  for (std::size_t i = 0; i < components_.size() && !failure; ++i) {
    std::shared_ptr<Component> component = components_[i];
    try {
      co_await component->start();
      bind(*component);
    } catch (const Error& error) {
      failure = error;
    }
  }
  if (!failure) {
    state_ = State::running;
    co_return;
  }
  co_await stop_all();
  throw *failure;
}

Task<> Host::stop() {
  auto nothing = []() -> Task<> { co_return; };
  if (state_ == State::idle) state_ = State::stopped;
  if (state_ != State::running) return nothing();
  return run("stop", stop_all());
}

Task<> Host::stop_all() {
  state_ = State::stopping;  // no other swap begins
  if (swapping_) {
    Gate over = swap_over_;
    co_await over.wait();
  }
  while (!components_.empty()) {
    std::shared_ptr<Component> component = components_.back();
    unbind(*component);
    co_await stop_one(component);
    components_.pop_back();
    slots_of_.erase(component.get());
    retire(std::move(component));
  }
  state_ = State::stopped;
}

Task<> Host::stop_one(std::shared_ptr<Component> component) {
  bool drained = co_await component->drain(Component::stop_limit);
  if (!drained) {
    component->interrupt();
    co_await component->drain(std::chrono::milliseconds(100));
  }
  std::vector<Leftover> found;
  co_await component->stop(found);
  for (Leftover& l : found)
    if (leftovers_.size() < most_leftovers) leftovers_.push_back(std::move(l));
}

void Host::retire(std::shared_ptr<Component> component) {
  std::erase_if(zombies_, [](const auto& zombie) { return !zombie->in_use(); });
  if (component->in_use()) {
    zombies_.push_back(std::move(component));
    return;
  }
  component->destroy();
  std::shared_ptr<Library> library = component->take_library();
  component.reset();
  if (unmap_retired && library && Library::unmap(std::move(library))) ++unmapped_;
}

std::size_t Host::find_component(std::string_view kind, std::string_view name) const {
  std::vector<std::string> names;
  std::size_t found = components_.size();
  for (std::size_t i = 0; i < components_.size(); ++i) {
    const PlannedPlugin& plan = components_[i]->plan();
    if (plan.info.kind != kind) continue;
    names.push_back(plan.instance);
    if (name.empty() || plan.instance == name) found = i;
  }
  if (name.empty() && names.size() > 1)
    throw Error(Code::invalid_argument, fmt::format("{} {} plugins are running.", names.size(), kind),
                fmt::format("Say which: {}.", fmt::join(names, ", ")));
  if (found == components_.size())
    throw Error(Code::not_found,
                fmt::format("No {} plugin{} is running.{}", kind,
                            name.empty() ? "" : fmt::format(" called \"{}\"", name), did_you_mean(name, names)),
                names.empty() ? std::string() : fmt::format("Running: {}.", fmt::join(names, ", ")));
  return found;
}

Context& Host::context(std::string_view kind, std::string_view name) {
  return components_[find_component(kind, name)]->context();
}

std::vector<Running> Host::running_plugins() const {
  std::vector<Running> list;
  for (const auto& c : components_) {
    const PlannedPlugin& plan = c->plan();
    list.push_back({plan.info.kind, plan.instance, plan.info.version, plan.info.summary, plan.file, c->leases(),
                    c->context().task_count(), c->context().wait_count()});
  }
  return list;
}

std::vector<Slot*> Host::find_slots(std::string_view interface_id) {
  std::vector<Slot*> found;
  for (Slot& slot : registry_->slots)
    if (slot.interface_id == interface_id) found.push_back(&slot);
  return found;
}

Slot& Host::only_slot(std::string_view interface_id) {
  for (Slot& slot : registry_->slots)
    if (slot.interface_id == interface_id) return slot;
  throw Error(Code::not_found, fmt::format("No plugin of this kernel provides {}.", interface_id),
              "Add one to the profile.");
}

std::filesystem::path Host::component_dir(const std::string& kind, const std::string& name) {
  namespace fs = std::filesystem;
  if (profile_.data.empty())
    throw Error(Code::unavailable,
                fmt::format("{}/{} wants to keep files, but this kernel has no data directory.", kind, name),
                "Add \"data: DIRECTORY\" to the profile.");
  fs::path directory = kind == name ? profile_.data / name : profile_.data / kind / name;
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure)
    throw Error(Code::permission_denied,
                fmt::format("The directory {} cannot be made: {}.", directory.string(), failure.message()),
                "Check the permissions, or set data: in the profile to another place.");
  fs::permissions(directory, fs::perms::owner_all, failure);  // what lies here is nobody else's business
  return directory;
}

void Host::write_log(LogLevel level, std::string_view who, std::string_view text) {
  if (level >= profile_.log) world_.log(static_cast<int>(level), who, text);
}

void Host::stop_requested(int code) {
  asio::post(own_context_->executor(), [this, code] {
    if (on_stop_request) on_stop_request(code);
  });
}

}  // namespace argot::kernel
