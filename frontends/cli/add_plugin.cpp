// argot plugin list|info|new|check|swap
#include "commands.h"
#include "live.h"
#include "new_plugin.h"

#include <kernel/check/check.h>
#include <kernel/control/control.h>
#include <kernel/host/catalog.h>
#include <kernel/host/nearest.h>

#include <fmt/format.h>

namespace argot::cli {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

json::object as_json(const kernel::CatalogEntry& entry) {
  json::object out{{"kind", entry.info.kind},         {"name", entry.info.name},
                   {"version", entry.info.version},   {"summary", entry.info.summary},
                   {"file", entry.file.string()},     {"provides", texts(entry.info.provides)},
                   {"needs", texts(entry.info.needs)}};
  json::array options;
  for (const auto& o : entry.info.options)
    options.push_back(json::object{{"name", o.name},
                                   {"type", kernel::describe(o.type)},
                                   {"default", o.fallback},
                                   {"required", o.required},
                                   {"help", o.help}});
  out["options"] = std::move(options);
  if (entry.refusal) out["refused"] = entry.refusal->sentence();
  return out;
}

void list(const Common& common) {
  const auto catalog = kernel::Catalog::standard();
  if (!common.json) {
    fmt::print("{}", catalog.list());
    return;
  }
  for (const auto& entry : catalog.entries()) fmt::print("{}\n", json::serialize(as_json(entry)));
}

/// "swarm", "transport/swarm" or a path.
kernel::CatalogEntry find(const std::string& which) {
  if (which.ends_with(".so")) return kernel::Catalog::read(which);
  const auto catalog = kernel::Catalog::standard();
  const auto slash = which.find('/');
  std::vector<kernel::CatalogEntry> found;
  for (const auto& entry : catalog.entries())
    if (slash == std::string::npos ? entry.info.name == which : entry.info.kind + "/" + entry.info.name == which)
      found.push_back(entry);
  if (found.size() == 1) return found.front();
  std::vector<std::string> names;
  for (const auto& entry : catalog.entries())
    names.push_back(slash == std::string::npos ? entry.info.name : entry.info.kind + "/" + entry.info.name);
  throw Error(Code::not_found,
              found.empty() ? "There is no plugin " + which + "." + kernel::did_you_mean(which, names)
                            : "More than one plugin is called " + which + ".",
              found.empty() ? "`argot plugin list` shows what there is." : "Say KIND/NAME, or the path of the file.");
}

void info(const std::string& which, const Common& common) {
  const auto entry = find(which);
  if (common.json)
    fmt::print("{}\n", json::serialize(as_json(entry)));
  else
    fmt::print("{}", kernel::describe(entry.info, entry.file.string()));
}

bool check(const std::filesystem::path& file, const std::string& profile, const Common& common) {
  kernel::CheckOptions options;
  options.surroundings = profile;
  const auto report = kernel::check_plugin(file, options);
  if (common.json)
    for (const auto& c : report.checks)
      fmt::print("{}\n", json::serialize(json::object{{"check", c.name}, {"holds", c.holds}, {"detail", c.detail}}));
  else
    fmt::print("{}", report.table());
  return report.holds();
}

struct Swap {
  std::string kind, from, to, profile, data;
  std::vector<std::string> options;
};

/// A kernel of our own that only has a network, to call the one that runs.
void swap(const Swap& o, const Common& common) {
  const auto data = o.data.empty() ? profile_of(o.profile, {}, Offline::will_do).data : std::filesystem::path(o.data);
  kernel::Profile profile = kernel::Profile::parse("plugins:\n  network: os\n", "the command line");
  run_live(std::move(profile), [&](kernel::Kernel& kernel) -> Task<int> {
    json::object params{{"kind", o.kind}, {"from", o.from}, {"to", o.to}, {"options", texts(o.options)}};
    const std::string address = kernel::control_address(data);
    Context& ctx = kernel.host().context("network", "os");
    const json::value result = co_await kernel::call_control(ctx, address, "plugin.swap", std::move(params));
    if (common.json)
      fmt::print("{}\n", json::serialize(result));
    else
      fmt::print("{} is {} now.\n", o.kind, o.to);
    co_return 0;
  });
}

}  // namespace

void add_plugin(CLI::App& app, Common& common) {
  auto* verb = app.add_subcommand("plugin", "list, inspect, make, check and swap plugins");
  verb->require_subcommand(1);
  verb->fallthrough();
  auto which = std::make_shared<std::string>();
  verb->add_subcommand("list", "the plugins that can be loaded")->callback([&common] { list(common); });
  auto* informing = verb->add_subcommand("info", "everything about one plugin: options, needs, build");
  informing->add_option("PLUGIN", *which, "name, KIND/NAME, or path of a .so file")->required();
  informing->callback([which, &common] { info(*which, common); });

  auto kind = std::make_shared<std::string>();
  auto name = std::make_shared<std::string>();
  auto into = std::make_shared<std::string>(".");
  auto* making = verb->add_subcommand("new", "write a project for a plugin of your own, with a passing test");
  making->add_option("KIND", *kind, "network, directory, transport, crypto, storage, media, app or bot")->required();
  making->add_option("NAME", *name, "lower-case letters, digits and dashes")->required();
  making->add_option("--into", *into, "folder that the project's folder is made in")->capture_default_str();
  making->callback([kind, name, into] { new_plugin(*kind, *name, *into); });

  auto* checking = verb->add_subcommand("check", "run the conformance kit of a plugin's kind, in a simulated world");
  checking->add_option("FILE", *which, "path of a .so file, or a plugin's name")->required();
  auto surroundings = std::make_shared<std::string>();
  checking->add_option("-p,--profile", *surroundings, "the plugins around it; default: what it needs");
  checking->callback([which, surroundings, &common] {
    if (!check(which->ends_with(".so") ? *which : find(*which).file.string(), *surroundings, common))
      common.exit_code = 1;
  });

  auto o = std::make_shared<Swap>();
  auto* swapping = verb->add_subcommand("swap", "exchange a plugin of a running kernel; nothing is lost");
  swapping->add_option("KIND", o->kind, "transport, storage, crypto, ...")->required();
  swapping->add_option("FROM", o->from, "name of the one that runs")->required();
  swapping->add_option("TO", o->to, "a plugin's name or the path of a .so file")->required();
  swapping->add_option("--set", o->options, "option=value of the new one")->allow_extra_args(false);
  swapping->add_option("-p,--profile", o->profile, "the running kernel's profile file");
  swapping->add_option("--data", o->data, "the running kernel's data folder");
  swapping->callback([o, &common] { swap(*o, common); });
}

}  // namespace argot::cli
