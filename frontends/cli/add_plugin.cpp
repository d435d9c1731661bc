// argot plugin list|info|new|check|swap
#include "commands.h"
#include "live.h"

#include <kernel/host/catalog.h>

#include <fmt/format.h>

namespace argot::cli {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

json::object as_json(const kernel::CatalogEntry& entry) {
  json::object out{{"kind", entry.info.kind},       {"name", entry.info.name},
                   {"version", entry.info.version}, {"summary", entry.info.summary},
                   {"file", entry.file.string()},   {"provides", texts(entry.info.provides)},
                   {"needs", texts(entry.info.needs)}};
  json::array options;
  for (const auto& o : entry.info.options)
    options.push_back(json::object{{"name", o.name}, {"type", kernel::describe(o.type)}, {"default", o.fallback},
                                   {"required", o.required}, {"help", o.help}});
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
    if (slash == std::string::npos ? entry.info.name == which : entry.info.kind + "/" + entry.info.name == which) found.push_back(entry);
  if (found.size() == 1) return found.front();
  throw Error(Code::not_found, found.empty() ? "There is no plugin " + which + "." : "More than one plugin is called " + which + ".",
              found.empty() ? "`argot plugin list` shows what there is." : "Say KIND/NAME, or the path of the file.");
}

void info(const std::string& which, const Common& common) {
  const auto entry = find(which);
  if (common.json)
    fmt::print("{}\n", json::serialize(as_json(entry)));
  else
    fmt::print("{}", kernel::describe(entry.info, entry.file.string()));
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
}

}  // namespace argot::cli
