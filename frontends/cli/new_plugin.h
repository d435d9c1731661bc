#pragma once
// `argot plugin new`: a first plugin of a kind, as a project that builds outside this tree.
#include <filesystem>
#include <string>

namespace argot::cli {

/// Makes the folder `into`/`name` with the files of the template of this kind and says what to do next.
/// `into` empty: the current directory; it is made when it is missing. Throws Error: invalid_argument (name or kind),
/// already_exists, not_found (no templates installed), permission_denied; then nothing is left behind.
void new_plugin(std::string kind, std::string name, std::filesystem::path into);

/// The same from templates in a given folder, saying nothing; the project's folder is returned.
std::filesystem::path new_plugin_from(const std::filesystem::path& templates, const std::string& kind,
                                      const std::string& name, const std::filesystem::path& into);

}  // namespace argot::cli
