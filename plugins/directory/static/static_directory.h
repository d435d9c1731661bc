// The nodes that the profile names, or that a file names: read again at refresh().
#pragma once
#include <argot/directory.h>
#include <argot/plugin.h>

#include <filesystem>

namespace argot::static_directory {

class StaticDirectory final : public PluginOf<Directory> {
 public:
  Task<> start(Context& ctx) override;
  const std::vector<ServiceNode>& nodes() const override { return nodes_; }
  std::uint64_t generation() const override { return generation_; }
  Task<> refresh() override;

 private:
  void read_file();
  void take(std::vector<ServiceNode> nodes);

  std::filesystem::path file_;  // empty: the nodes are in the profile
  std::vector<ServiceNode> nodes_;
  std::uint64_t generation_ = 0;
};

}  // namespace argot::static_directory
