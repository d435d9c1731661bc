#include "mistyped.h"

#include <kernel/host/nearest.h>

namespace argot::cli {
namespace {

/// The verb that was recognised last, with its path: "argot plugin".
const CLI::App& deepest(const CLI::App& app, std::string& path) {
  path += (path.empty() ? "" : " ") + app.get_name();
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : deepest(*chosen.back(), path);
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands(nullptr)) names.push_back(verb->get_name());
  return names;
}

/// Options of a verb and of those above it, which take them too.
std::vector<std::string> options_of(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app; app = app->get_parent())
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string as_sentence(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

}  // namespace

Error mistyped(const CLI::App& app, const CLI::ParseError& error) {
  std::string path;
  const CLI::App& verb = deepest(app, path);
  const std::string remedy = "`" + path + " --help` shows how it is used.";
  const std::vector<std::string> left = app.remaining(true);
  const std::vector<std::string> verbs = verbs_of(verb);
  if (!left.empty() && left.front().starts_with('-')) {
    const std::string name = left.front().substr(0, left.front().find('='));
    return Error(
        Code::invalid_argument,
        "There is no option \"" + name + "\" of `" + path + "`." + kernel::did_you_mean(name, options_of(&verb)),
        remedy);
  }
  if (!left.empty() && !verbs.empty())
    return Error(Code::invalid_argument,
                 "There is no verb \"" + left.front() + "\" of `" + path + "`." +
                     kernel::did_you_mean(left.front(), verbs) + kernel::list_allowed(verbs),
                 remedy);
  if (!left.empty())
    return Error(Code::invalid_argument, "`" + path + "` has no use for \"" + left.front() + "\".", remedy);
  if (!verbs.empty())
    return Error(Code::invalid_argument, "`" + path + "` needs a verb." + kernel::list_allowed(verbs), remedy);
  return Error(Code::invalid_argument, as_sentence(error.what()), remedy);
}

}  // namespace argot::cli
