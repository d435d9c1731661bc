// argot path: the nodes that requests go through now, as a drawing.
#include "commands.h"
#include "live.h"
#include "print.h"

#include <kernel/control/control.h>

#include <argot/paths.h>
#include <fmt/format.h>

namespace argot::cli {
namespace {

namespace json = boost::json;

struct PathOptions {
  std::string profile;
  std::vector<std::string> sets;
};

void draw(const json::object& path) {
  const auto number = [&](const char* key) { return path.at(key).to_number<std::int64_t>(); };
  fmt::print("{}  {} requests answered", path.at("spare").as_bool() ? "spare" : "path ", number("answered"));
  if (number("in_flight")) fmt::print(", {} under way", number("in_flight"));
  if (number("failures")) fmt::print(", {} failures in a row", number("failures"));
  fmt::print(", since {}\n\n  you\n", clock_text(from_ms(number("built_ms"))));
  const json::array& hops = path.at("hops").as_array();
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const json::object& hop = hops[i].as_object();
    fmt::print("   │\n   ├─ {:<5}  {}  {}…\n",
               i == 0                ? "guard"
               : i + 1 < hops.size() ? "hop"
                                     : "exit",
               std::string_view(hop.at("address").as_string()),
               std::string_view(hop.at("key").as_string()).substr(0, 8));
  }
  fmt::print("   │\n   ▼\n  any node of a swarm\n\n");
}

void show(const json::array& paths, const Common& common) {
  for (const json::value& path : paths)
    if (common.json)
      fmt::print("{}\n", json::serialize(path));
    else
      draw(path.as_object());
  if (paths.empty() && !common.json)
    fmt::print(
        "There is no path: requests go straight to the nodes, which see this machine's address.\n"
        "The transport's option route: onion changes that.\n");
}

/// Asks the kernel that runs with this data; nothing when none does.
std::optional<json::array> of_running_kernel(const std::filesystem::path& data) {
  if (data.empty() || !std::filesystem::exists(data / "control.sock")) return std::nullopt;
  std::optional<json::array> out;
  kernel::Profile profile = kernel::Profile::parse("plugins:\n  network: os\n", "the command line");
  run_live(std::move(profile), [&](kernel::Kernel& kernel) -> Task<int> {
    Context& ctx = kernel.host().context("network", "os");
    std::optional<Error> failure;
    try {
      json::object none;
      const json::value result =
          co_await kernel::call_control(ctx, kernel::control_address(data), "paths", std::move(none));
      out = result.as_array();
    } catch (const Error& error) {
      failure = error;
    }
    // A socket that a kernel left behind when it was killed.
    if (failure && !std::string_view(failure->what()).starts_with("Cannot connect")) throw *failure;
    co_return 0;
  });
  return out;
}

}  // namespace

void add_path(CLI::App& app, Common& common) {
  auto* verb = app.add_subcommand("path", "the nodes that requests go through now");
  auto o = std::make_shared<PathOptions>();
  verb->add_option("-p,--profile", o->profile, "profile file; that of a running kernel shows what it uses");
  verb->add_option("--set", o->sets, "change a value of the profile")->allow_extra_args(false);
  verb->callback([o, &common] {
    kernel::Profile profile = profile_of(o->profile, o->sets);
    if (const auto running = of_running_kernel(profile.data)) {
      show(*running, common);
      return;
    }
    run_live(std::move(profile), [&common](kernel::Kernel& kernel) -> Task<int> {
      auto paths = kernel.service<Paths>().lease();
      co_await paths->build_path();
      show(kernel::paths_json(paths->paths()), common);
      co_return 0;
    });
  });
}

}  // namespace argot::cli
