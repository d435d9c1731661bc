#pragma once
// The folder of a private network: profiles, what nodes announce, accounts, logs. Made by the first run, used again by
// the next.
#include <filesystem>
#include <string>

namespace argot::cli {

class DemoFiles {
 public:
  DemoFiles(std::filesystem::path dir, std::size_t nodes) : dir_(std::move(dir)), nodes_(nodes) {}
  /// $XDG_DATA_HOME/argot/demo or ~/.local/share/argot/demo.
  static std::filesystem::path usual_dir();

  const std::filesystem::path& dir() const { return dir_; }
  std::filesystem::path node_profile(std::size_t i) const;
  std::filesystem::path client_profile(const std::string& name) const { return dir_ / (name + ".yaml"); }
  std::filesystem::path client_data(const std::string& name) const { return dir_ / name; }
  std::filesystem::path log(const std::string& name) const { return dir_ / (name + ".log"); }

  /// Makes the folder and writes the profiles; what nodes announced in an earlier run goes. Throws Error when another
  /// demo uses the folder or it cannot be written.
  void prepare() const;
  /// Once every node has announced itself: writes the list that nodes and clients read. False while one is missing.
  bool gather_nodes() const;

 private:
  std::filesystem::path announcement(std::size_t i) const;
  std::filesystem::path dir_;
  std::size_t nodes_;
};

}  // namespace argot::cli
