// argot run PROFILE.yaml: a kernel with the plugins that the profile names, until it is stopped.
#include "commands.h"
#include "live.h"

namespace argot::cli {

void add_run(CLI::App& app, Common& common) {
  auto* verb = app.add_subcommand("run", "start a kernel with the plugins of a profile; Ctrl-C stops it");
  auto files = std::make_shared<std::vector<std::string>>();
  auto sets = std::make_shared<std::vector<std::string>>();
  verb->add_option("PROFILE", *files, "a profile like config/local-node.yaml; several run side by side in one process");
  verb->add_option("--set", *sets, "change a value: transport.poll_interval=100ms")->allow_extra_args(false);
  verb->callback([files, sets, &common] {
    if (files->empty()) files->emplace_back();  // the usual one
    std::vector<kernel::Profile> profiles;
    for (const std::string& file : *files) {
      profiles.push_back(profile_of(file, *sets));
      const kernel::Profile& profile = profiles.back();
      if (profile.plugins.empty() && profile.problems.empty())
        throw Error(Code::invalid_argument,
                    profile.origin + ": The profile loads no plugin, so there is nothing to run.",
                    "Name some under plugins:, as config/local-client.yaml does.");
    }
    const int code = run_live(std::move(profiles), {}, Control::yes);
    common.exit_code = code == 130 ? 0 : code;  // being asked to stop is how it ends
  });
}

}  // namespace argot::cli
