// Swapping a running plugin for another; the recipe is in docs/design/host.md.
#include <kernel/host/host.h>

#include <fmt/format.h>

#include <algorithm>

namespace argot::kernel {

Task<> Host::swap(SwapRequest request) {
  if (state_ != State::running)
    throw Error(Code::unavailable, "Plugins can be swapped only while the kernel is running.", "Start it first.");
  if (swapping_) throw Error(Code::already_exists, "Another swap is going on.", "Wait until it has finished.");
  return run("swap", swap_one(std::move(request)));
}

PlannedPlugin Host::plan_next(const SwapRequest& request, const Component& old) const {
  const PlannedPlugin& before = old.plan();
  if (before.file.empty())
    throw Error(Code::invalid_argument,
                fmt::format("{} is part of the kernel and cannot be swapped while it runs.", old.title()),
                "Restart the kernel with a profile that names another plugin of this kind.");
  Catalog now(catalog_->directories());  // files may have come or changed since the kernel started
  PluginUse use;
  use.kind = request.kind;
  use.use = request.to;
  use.at.origin = "swap";
  bool same = request.to == before.info.name;
  if (same && before.use.is_path()) use.use = before.file.string();
  if (before.instance != before.info.name) use.as = before.instance;  // a name given on purpose stays
  if (same) use.options = before.use.options;
  Profile scratch;  // reads "option=value" as the command line does
  scratch.plugins.push_back(std::move(use));
  for (const std::string& option : request.options) scratch.set(request.kind + "." + option);
  std::vector<Problem> problems;
  PlannedPlugin next = check_use(scratch.plugins.front(), profile_.lab, now, own(), problems);
  if (!problems.empty()) throw error_of(problems, "the command");
  for (const std::string& id : before.info.provides)
    if (std::find(next.info.provides.begin(), next.info.provides.end(), id) == next.info.provides.end())
      throw Error(Code::incompatible,
                  fmt::format("{} does not provide {}, which {} provides now and others may use.", next.title(), id,
                              old.title()),
                  "Swap for a plugin that provides it.");
  for (const auto& c : components_)
    if (c.get() != &old && c->plan().info.kind == next.info.kind && c->plan().instance == next.instance)
      throw Error(Code::already_exists, fmt::format("{} is running already.", c->title()), "Swap for another plugin.");
  return next;
}

Task<> Host::swap_one(SwapRequest request) {
  struct Busy {
    bool& flag;
    Gate over;
    Busy(bool& f, Gate g) : flag(f), over(std::move(g)) { flag = true; }
    ~Busy() {
      flag = false;
      over.open();
    }
  } busy(swapping_, swap_over_ = Gate());
  std::size_t at = find_component(request.kind, request.from);
  std::shared_ptr<Component> old = components_[at];
  PlannedPlugin plan = plan_next(request, *old);

  // Whether what it needs is there, and not in a circle.
  std::vector<const PlannedPlugin*> plugins;
  for (std::size_t i = 0; i < components_.size(); ++i) plugins.push_back(i == at ? &plan : &components_[i]->plan());
  std::vector<std::size_t> order = order_of(plugins);

  std::shared_ptr<Component> next = make_component(std::move(plan));
  co_await next->start();  // on failure it has cleaned up after itself, and the old one runs on

  // The old one's slots in the order of the new one's interfaces; interfaces that are new get slots of their own.
  std::vector<Slot*>& old_slots = slots_of_[old.get()];
  std::vector<Slot*> next_slots(next->instances().size(), nullptr);
  const std::vector<std::string>& ids = next->plan().info.provides;
  for (std::size_t i = 0; i < ids.size(); ++i)
    for (Slot* slot : old_slots)
      if (slot->interface_id == ids[i]) next_slots[i] = slot;

  std::optional<Error> failure;
  try {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      auto rebinder = rebinders_.find(ids[i]);
      if (next_slots[i] && rebinder != rebinders_.end())
        co_await rebinder->second(*next_slots[i], *next->instances()[i]);
    }
  } catch (...) {
    failure = to_error(std::current_exception());
  }
  if (failure) {
    co_await stop_one(next);
    std::string title = next->title();
    retire(std::move(next));
    throw Error(failure->code(), fmt::format("{} was not swapped for {}: {}", old->title(), title, failure->what()),
                failure->remedy());
  }

  // The exchange: from this turn on every new call goes to the new instance.
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (!next_slots[i]) {
      registry_->slots.push_back({nullptr, ids[i], next->plan().instance});
      next_slots[i] = &registry_->slots.back();
    }
  slots_of_.erase(old.get());
  slots_of_[next.get()] = std::move(next_slots);
  bind(*next);
  std::vector<std::shared_ptr<Component>> rearranged;
  for (std::size_t i : order) rearranged.push_back(i == at ? next : components_[i]);
  components_.swap(rearranged);
  rearranged.clear();

  std::string from = old->title();
  co_await stop_one(old);
  retire(std::move(old));
  write_log(LogLevel::info, "kernel", fmt::format("{} was swapped for {}", from, next->title()));
}

}  // namespace argot::kernel
