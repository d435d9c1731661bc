#include "new_plugin.h"

#include <kernel/host/nearest.h>

#include <argot/error.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace argot::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_name = 32;  // of the 47 characters that a descriptor has room for

fs::path installed_templates() {
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  const fs::path templates = program.parent_path().parent_path() / "share" / "argot" / "templates";
  if (failure || !fs::is_directory(templates, failure))
    throw Error(Code::not_found, "The templates of plugins are not at " + templates.string() + ".",
                "Install Argot with `./dev install`, or run the program of a build.");
  return templates;
}

std::vector<std::string> kinds_in(const fs::path& templates) {
  std::vector<std::string> kinds;
  for (const auto& entry : fs::directory_iterator(templates))
    if (entry.is_directory()) kinds.push_back(entry.path().filename().string());
  std::sort(kinds.begin(), kinds.end());
  return kinds;
}

void check_name(const std::string& name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  std::string wrong;
  if (name.empty() || name.size() > longest_name)
    wrong = fmt::format("it has {} characters", name.size());
  else if (auto bad = std::find_if_not(name.begin(), name.end(), allowed); bad != name.end())
    wrong = fmt::format("character {} is not allowed", bad - name.begin() + 1);
  else if (name[0] < 'a' || name[0] > 'z')
    wrong = "it does not begin with a letter";
  else if (name.back() == '-' || name.find("--") != std::string::npos)
    wrong = "a hyphen stands between two letters or digits only";
  if (!wrong.empty())
    throw Error(Code::invalid_argument, "This name does not fit a plugin: " + wrong + ".",
                fmt::format("Use 1 to {} of a to z, 0 to 9 and hyphens, as in my-plugin.", longest_name));
}

/// my-plugin: MyPlugin
std::string class_of(const std::string& name) {
  std::string out;
  bool capital = true;
  for (char c : name) {
    if (c == '-') {
      capital = true;
      continue;
    }
    out += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    capital = false;
  }
  return out;
}

std::string fill_in(std::string text, const std::string& name) {
  const std::pair<std::string_view, std::string> places[] = {{"@NAME@", name}, {"@CLASS@", class_of(name)}};
  for (const auto& [place, value] : places)
    for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += value.size())
      text.replace(at, place.size(), value);
  return text;
}

void write_project(const fs::path& from, const fs::path& to, const std::string& name) {
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.path().extension() != ".in") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::ofstream out(to / fill_in(entry.path().stem().string(), name), std::ios::binary);
    out << fill_in(text, name);
    out.flush();
    if (in.bad() || !out)
      throw Error(Code::resource_exhausted, "The project in " + to.string() + " cannot be written.",
                  "Free some disk space.");
  }
}

}  // namespace

fs::path new_plugin_from(const fs::path& templates, const std::string& kind, const std::string& name,
                         const fs::path& into) {
  const std::vector<std::string> kinds = kinds_in(templates);
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
    throw Error(Code::invalid_argument,
                fmt::format("There is no kind of plugin called \"{}\".{}{}", kind, kernel::did_you_mean(kind, kinds),
                            kernel::list_allowed(kinds)),
                "User interfaces, bridges and nodes are apps.");
  check_name(name);
  const fs::path project = (fs::absolute(into) / name).lexically_normal();  // absolute("") is the current folder
  std::error_code failure;
  if (fs::exists(fs::symlink_status(project, failure)))
    throw Error(Code::already_exists, project.string() + " exists already.",
                "Choose another name, or another folder with --into.");
  fs::create_directories(project, failure);
  if (failure)
    throw Error(Code::permission_denied,
                fmt::format("The folder {} cannot be made: {}.", project.string(), failure.message()),
                "Choose a folder that you may write to with --into.");
  try {
    write_project(templates / kind, project, name);
  } catch (...) {
    fs::remove_all(project, failure);
    throw;
  }
  return project;
}

void new_plugin(std::string kind, std::string name, fs::path into) {
  const fs::path project = new_plugin_from(installed_templates(), kind, name, into);
  std::error_code failure;
  const fs::path near = fs::relative(project, failure);
  const std::string shown = failure || near.empty() || *near.begin() == ".." ? project.string() : near.string();
  fmt::print(
      "Wrote {0}/. Next:\n\n  cd {0}\n  cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build && ctest "
      "--test-dir build\n\n"
      "README.md there says how to use it.\n",
      shown);
}

}  // namespace argot::cli
