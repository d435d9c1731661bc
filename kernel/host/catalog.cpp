#include <kernel/host/catalog.h>
#include <kernel/host/nearest.h>
#include <kernel/host/note_reader.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 2000;

std::vector<fs::path> sorted_listing(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator it(directory, failure), end; !failure && it != end && found.size() < most_files;
       it.increment(failure))
    found.push_back(it->path());
  std::sort(found.begin(), found.end());  // the directory's own order differs from machine to machine
  return found;
}

}  // namespace

CatalogEntry Catalog::read(const fs::path& file) {
  CatalogEntry entry;
  entry.file = file;
  entry.info = read_note(file);
  check_build(entry.info, file.string());
  return entry;
}

Catalog::Catalog(std::vector<fs::path> directories) : directories_(std::move(directories)) {
  std::set<fs::path> known;
  auto add = [&](const fs::path& file) {
    std::error_code failure;
    if (file.extension() != ".so" || !fs::is_regular_file(file, failure) || entries_.size() >= most_files) return;
    fs::path real = fs::canonical(file, failure);
    if (failure || !known.insert(real).second) return;  // the same file by another way
    CatalogEntry entry;
    entry.file = file;
    try {
      entry.info = read_note(file);
      check_build(entry.info, file.string());
    } catch (const Error& error) {
      entry.refusal = error;
      if (entry.info.name.empty()) {
        entry.info.name = file.stem().string();
        entry.info.kind = file.parent_path().filename().string();
      }
    }
    entries_.push_back(std::move(entry));
  };
  for (const fs::path& directory : directories_)
    for (const fs::path& path : sorted_listing(directory)) {
      std::error_code failure;
      if (fs::is_directory(path, failure))
        for (const fs::path& file : sorted_listing(path)) add(file);
      else
        add(path);
    }
  std::stable_sort(entries_.begin(), entries_.end(), [](const CatalogEntry& a, const CatalogEntry& b) {
    return std::tie(a.info.kind, a.info.name) < std::tie(b.info.kind, b.info.name);
  });
}

std::vector<fs::path> Catalog::standard_directories(const std::vector<fs::path>& more) {
  std::vector<fs::path> directories;
  if (const char* list = std::getenv("ARGOT_PLUGIN_PATH")) {
    std::string_view rest(list);
    while (!rest.empty()) {
      std::size_t end = std::min(rest.find(':'), rest.size());
      if (end > 0) directories.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  directories.insert(directories.end(), more.begin(), more.end());
  std::error_code failure;
  fs::path program = fs::read_symlink("/proc/self/exe", failure);
  if (!failure) {
    fs::path root = program.parent_path().parent_path();
    directories.push_back(root / "plugins");
    directories.push_back(root / "lib" / "argot" / "plugins");
  }
  return directories;
}

Catalog Catalog::standard(const std::vector<fs::path>& more) { return Catalog(standard_directories(more)); }

std::vector<std::string> Catalog::names(std::string_view kind) const {
  std::vector<std::string> found;
  for (const CatalogEntry& e : entries_)
    if (e.info.kind == kind && (found.empty() || found.back() != e.info.name)) found.push_back(e.info.name);
  return found;
}

std::vector<std::string> Catalog::providers(std::string_view interface_id) const {
  std::vector<std::string> found;
  for (const CatalogEntry& e : entries_)
    if (!e.refusal && std::find(e.info.provides.begin(), e.info.provides.end(), interface_id) != e.info.provides.end())
      found.push_back(e.info.kind + "/" + e.info.name);
  return found;
}

const CatalogEntry& Catalog::find(std::string_view kind, std::string_view name) const {
  const CatalogEntry* found = nullptr;
  for (const CatalogEntry& e : entries_) {
    if (e.info.kind != kind || e.info.name != name) continue;
    if (found)
      throw Error(Code::already_exists,
                  fmt::format("Two files carry the {} plugin \"{}\": {} and {}.", kind, name, found->file.string(),
                              e.file.string()),
                  "Remove one of them, or name one by its path: \"use: /path/to/file.so\".");
    found = &e;
  }
  if (found && found->refusal) throw *found->refusal;
  if (found) return *found;

  std::vector<std::string> allowed = names(kind), elsewhere;
  for (const CatalogEntry& e : entries_)
    if (e.info.name == name) elsewhere.push_back(e.info.kind);
  std::string what = fmt::format("There is no {} plugin called \"{}\".", kind, name);
  if (!elsewhere.empty()) what += fmt::format(" The plugin of this name is of kind {}.", fmt::join(elsewhere, ", "));
  what += did_you_mean(name, allowed);
  what += allowed.empty() ? fmt::format(" No {} plugin was found at all.", kind) : list_allowed(allowed);
  std::vector<std::string> searched;
  for (const fs::path& d : directories_) searched.push_back(d.string());
  throw Error(Code::not_found, what,
              fmt::format("Searched in {}; $ARGOT_PLUGIN_PATH adds directories.",
                          searched.empty() ? "no directory" : fmt::format("{}", fmt::join(searched, ", "))));
}

std::string Catalog::list() const {
  std::string text;
  std::size_t width = 8;
  for (const CatalogEntry& e : entries_) width = std::max(width, e.info.kind.size() + e.info.name.size() + 1);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const CatalogEntry& e = entries_[i];
    std::string name = e.info.kind + "/" + e.info.name;
    if (e.refusal) {
      text += fmt::format("{:<{}}  {:<9} cannot be loaded: {}\n", name, width, e.info.version, e.refusal->sentence());
      continue;
    }
    text += fmt::format("{:<{}}  {:<9} {}{}\n", name, width, e.info.version, e.info.summary,
                        e.info.lab_only ? " (lab only)" : "");
    if (i > 0 && entries_[i - 1].info.kind == e.info.kind && entries_[i - 1].info.name == e.info.name)
      text += fmt::format("{:<{}}  two files carry this name: {} and {}\n", "", width, entries_[i - 1].file.string(),
                          e.file.string());
  }
  return text;
}

}  // namespace argot::kernel
