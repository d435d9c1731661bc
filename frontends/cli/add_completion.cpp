// argot completion SHELL: what the shell needs to complete argot's verbs and options, made from the verbs themselves.
#include "commands.h"

#include <fmt/format.h>

namespace argot::cli {
namespace {

void words(const CLI::App& app, const std::string& path, std::string& out) {
  std::string list;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) list += sub->get_name() + " ";
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) list += "--" + name + " ";
  out += fmt::format("    '{}') words='{}' ;;\n", path, list);
  for (const CLI::App* sub : app.get_subcommands(nullptr))
    words(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), out);
}

}  // namespace

void add_completion(CLI::App& app, Common&) {
  auto* verb = app.add_subcommand("completion", "print a completion script: source <(argot completion bash)");
  auto shell = std::make_shared<std::string>();
  verb->add_option("SHELL", *shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
  verb->callback([shell, &app] {
    std::string cases;
    words(app, "", cases);
    if (*shell == "zsh") fmt::print("autoload -U +X bashcompinit && bashcompinit\n");
    fmt::print(R"(_argot() {{
  local path='' word words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    [[ $word == -* ]] || path="${{path:+$path }}$word"
  done
  case $path in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
  [[ ${{#COMPREPLY[@]}} -gt 0 ]] || COMPREPLY=($(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _argot argot
)",
               cases);
  });
}

}  // namespace argot::cli
