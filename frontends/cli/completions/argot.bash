# bash-completion reads this when `argot` is completed for the first time. The program knows its verbs itself, so
# nothing here can fall behind. Without bash-completion: source <(argot completion bash) in ~/.bashrc.
source <(command argot completion bash 2>/dev/null)
