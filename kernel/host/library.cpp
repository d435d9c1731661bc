#include <kernel/host/elf_file.h>
#include <kernel/host/library.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;

/// What is mapped, by content: one for the whole process, because the dynamic loader is.
struct Shelf {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Library>> libraries;
  unsigned generation = 0;
};
Shelf& shelf() {
  static Shelf* const shelf = new Shelf;  // never destroyed: plugin code stays mapped until the process ends
  return *shelf;
}

std::string loader_says() {
  const char* text = ::dlerror();
  return text ? text : "no reason given";
}

/// Libraries that the plugin finds relative to its own place ($ORIGIN) are loaded from there first: the copy lies
/// somewhere else. The loader then recognises them by name.
void load_neighbours(const ElfFile& elf, const fs::path& file) {
  ElfFile::Wants wants = elf.wants();
  if (wants.runpath.find("$ORIGIN") == std::string::npos && wants.runpath.find("${ORIGIN}") == std::string::npos)
    return;
  std::error_code failure;
  std::string origin = fs::canonical(file, failure).parent_path().string();
  for (const std::string& name : wants.needed) {
    if (name.find('/') != std::string::npos) continue;
    if (::dlopen(name.c_str(), RTLD_NOLOAD | RTLD_LAZY)) continue;  // there already; the count it adds keeps it
    std::string_view rest(wants.runpath);
    while (!rest.empty()) {
      std::size_t end = std::min(rest.find(':'), rest.size());
      std::string directory(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      for (std::string_view token : {"$ORIGIN", "${ORIGIN}"})
        if (directory.starts_with(token)) directory = origin + directory.substr(token.size());
      fs::path candidate = fs::path(directory) / name;
      if (fs::exists(candidate, failure) && ::dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL)) break;
    }
  }
  ::dlerror();  // whatever went wrong here is said again, and better, when the plugin itself is loaded
}

void write_all(int to, const ByteSource& from, std::uint64_t size, const std::string& name) {
  Bytes buffer(1 << 16);
  for (std::uint64_t at = 0; at < size;) {
    std::size_t n = from.read(at, std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), size - at)));
    if (n == 0)
      throw Error(Code::corrupt, fmt::format("{} became shorter while it was read.", name),
                  "Try again when it has been written completely.");
    for (std::size_t done = 0; done < n;) {
      ssize_t w = ::write(to, buffer.data() + done, n - done);
      if (w < 0 && errno == EINTR) continue;
      if (w <= 0)
        throw Error(Code::resource_exhausted, fmt::format("{} cannot be copied: {}.", name, std::strerror(errno)),
                    "Free some memory or disk space.");
      done += static_cast<std::size_t>(w);
    }
    at += n;
  }
}

/// A file that only this process knows, removed once it is loaded: where there is no /proc to reach memory by a path.
struct PrivateFile {
  fs::path directory, path;
  int fd = -1;
  explicit PrivateFile(const std::string& name) {
    std::error_code failure;
    std::string pattern = (fs::temp_directory_path(failure) / "argot-XXXXXX").string();
    if (failure || !::mkdtemp(pattern.data()))  // mode 0700
      throw Error(Code::resource_exhausted,
                  fmt::format("No directory for a private copy of {} can be made: {}.", name, std::strerror(errno)),
                  "Set $TMPDIR to a directory that can be written.");
    directory = pattern;
    path = directory / name;
    fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
  }
  ~PrivateFile() {
    if (fd >= 0) ::close(fd);
    std::error_code failure;
    fs::remove(path, failure);
    fs::remove(directory, failure);
  }
};

}  // namespace

std::shared_ptr<Library> Library::load(const fs::path& file, const PluginInfo& info) {
  ByteSource source = open_file(file);
  struct stat now {};
  std::error_code failure;
  fs::path real = fs::canonical(file, failure);
  if (failure || ::stat(real.c_str(), &now) != 0)
    throw Error(Code::not_found, fmt::format("The file {} of plugin {} has gone.", file.string(), info.title()),
                "Build or install it again.");
  std::string key = fmt::format("{}|{}|{}|{}|{}.{}|{}.{}", real.string(), now.st_dev, now.st_ino, now.st_size,
                                now.st_mtim.tv_sec, now.st_mtim.tv_nsec, now.st_ctim.tv_sec, now.st_ctim.tv_nsec);
  Shelf& all = shelf();
  std::lock_guard lock(all.mutex);
  if (auto known = all.libraries.find(key); known != all.libraries.end()) return known->second;

  std::shared_ptr<Library> library(new Library);
  library->file_ = file;
  library->info_ = info;
  library->key_ = key;
  auto open = [&](const std::string& path) {
    library->mapped_ = path;
    library->handle_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  };
  std::string copy_name = fmt::format("argot-{}-{}", info.name, ++all.generation);
  if (std::getenv("ARGOT_PLUGINS_IN_PLACE")) {
    open(real.string());
  } else {
    ElfFile elf(source, file.string());
    load_neighbours(elf, file);
    std::uint64_t size = elf.mapped_size();
    int fd = ::memfd_create(copy_name.c_str(), MFD_CLOEXEC);
    std::string path = fmt::format("/proc/self/fd/{}", fd);
    if (fd >= 0 && fs::exists(path, failure)) {
      library->copy_ = fd;
      write_all(fd, source, size, file.string());
      open(path);
    } else {
      if (fd >= 0) ::close(fd);
      PrivateFile copy(copy_name);
      write_all(copy.fd, source, size, file.string());
      open(copy.path.string());
    }
  }
  if (!library->handle_) {
    std::string reason = loader_says();
    if (std::size_t at = reason.find(library->mapped_); at != std::string::npos)
      reason.replace(at, library->mapped_.size(), file.string());
    throw Error(
        Code::incompatible, fmt::format("Plugin {} ({}) cannot be loaded: {}.", info.title(), file.string(), reason),
        "Build it again with -Wl,-z,defs (argot_plugin() in CMake does), and install the libraries that it names.");
  }
  library->door_ = static_cast<const door::Door*>(::dlsym(library->handle_, "argot_door_1"));
  if (!library->door_)
    throw Error(Code::incompatible,
                fmt::format("Plugin {} ({}) has a note but no door: the symbol argot_door_1 is missing.", info.title(),
                            file.string()),
                "Export it: do not hide it with a linker script or strip it.");
  if (library->door_->size < sizeof(door::Door))
    throw Error(Code::incompatible,
                fmt::format("Plugin {} ({}) has a door of {} bytes; this program needs {}.", info.title(),
                            file.string(), library->door_->size, sizeof(door::Door)),
                "Build the plugin again with the SDK of this program.");
  all.libraries.emplace(std::move(key), library);
  return library;
}

PluginPtr Library::create() {
  std::optional<Error> failure;
  try {
    std::shared_ptr<Library> self;
    {
      Shelf& all = shelf();
      std::lock_guard lock(all.mutex);
      self = all.libraries.at(key_);
    }
    if (Plugin* plugin = door_->open()) return PluginPtr(plugin, PluginDeleter{std::move(self), door_->close});
    failure.emplace(Code::internal, "its door returned nothing");
  } catch (...) {
    failure = to_error(std::current_exception());  // its own words, while its code is mapped
  }
  throw Error(failure->code(),
              fmt::format("Plugin {} ({}) could not be created: {}", info_.title(), file_.string(), failure->what()),
              failure->remedy());
}

bool Library::unmap(std::shared_ptr<Library> library) {
  Shelf& all = shelf();
  std::lock_guard lock(all.mutex);
  if (library.use_count() > 2) return false;  // the caller's and the shelf's
  all.libraries.erase(library->key_);
  std::string path = library->mapped_;
  ::dlclose(library->handle_);
  library->handle_ = ::dlopen(path.c_str(), RTLD_NOLOAD | RTLD_LAZY);
  if (!library->handle_) return true;
  all.libraries.emplace(library->key_, library);  // the loader keeps it
  return false;
}

Library::~Library() {
  if (handle_) ::dlclose(handle_);
  if (copy_ >= 0) ::close(copy_);
}

}  // namespace argot::kernel
