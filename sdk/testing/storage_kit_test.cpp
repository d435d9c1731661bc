// The kit passes what is right and names what is wrong.
#include "storage_kit.h"

#include "bare_context.h"
#include "load_plugin.h"

#include <gtest/gtest.h>

namespace argot::kit {
namespace {

Report examine(std::string_view plugin_name, std::uint64_t seed = 1) {
  BareWorld world;
  BareContext ctx(world, seed);
  auto plugin = load_plugin(built_plugin(plugin_name));
  auto* storage = static_cast<Storage*>(plugin->interface(Storage::interface_id));
  ctx.run(plugin->start(ctx));
  const auto folder = std::filesystem::path(::testing::TempDir()) / ("argot-kit-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  StorageUnderTest subject(*storage, folder);
  subject.name = plugin_name;
  LoadedPlugin second;
  subject.storage = [&]() -> Storage& { return *storage; };
  subject.crash = [&]() -> Task<> {
    second = load_plugin(built_plugin(plugin_name));
    co_await second->start(ctx);
    storage = static_cast<Storage*>(second->interface(Storage::interface_id));
  };
  Report report = ctx.run(check_storage(ctx, std::move(subject)));
  ctx.run(plugin->stop());
  std::filesystem::remove_all(folder);
  return report;
}

TEST(StorageKit, finds_nothing_wrong_with_sqlite) {
  for (std::uint64_t seed : {1, 2, 3}) {
    const Report report = examine("storage/sqlite", seed);
    EXPECT_TRUE(report.holds()) << report.table();
  }
}

TEST(StorageKit, finds_nothing_wrong_with_memory) {
  for (std::uint64_t seed : {1, 2, 3}) {
    const Report report = examine("storage/memory", seed);
    EXPECT_TRUE(report.holds()) << report.table();
  }
}

}  // namespace
}  // namespace argot::kit
