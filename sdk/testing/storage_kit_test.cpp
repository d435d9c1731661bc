// The kit passes what is right and names what is wrong.
#include "storage_kit.h"

#include "bare_context.h"
#include "load_plugin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

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

/// The promises that a fixture breaks, and no other may be named.
void expect_failing(std::string_view fixture, const std::vector<std::string>& promises) {
  const Report report = examine("fixtures/broken-storage-" + std::string(fixture));
  EXPECT_EQ(report.failing(), promises) << report.table();
}

TEST(StorageKit, names_a_storage_that_keeps_what_was_never_committed) {
  expect_failing("not-atomic",
                 {"messages expire in order of their time", "a transaction that is destroyed leaves no trace",
                  "what was committed is there after a crash, and nothing else"});
}
TEST(StorageKit, names_a_storage_that_forgets_on_reopen) {
  expect_failing("forgetful", {"what was committed is there after reopening",
                               "what was committed is there after a crash, and nothing else"});
}
TEST(StorageKit, names_a_storage_that_takes_a_message_twice) {
  expect_failing("duplicates", {"a message is unique by author and time"});
}
TEST(StorageKit, names_a_storage_whose_pages_overlap) {
  expect_failing("off-by-one", {"pages are what a plain model gives, both ways",
                                "10,000 messages are paged through completely, at most 1,000 at a time"});
}
TEST(StorageKit, names_a_storage_that_searches_by_the_letter) {
  expect_failing("accents", {"search folds case and accents and takes words as prefixes"});
}
TEST(StorageKit, names_a_storage_whose_outbox_is_out_of_order) {
  expect_failing("impatient", {"the outbox gives what is due, oldest message first"});
}
TEST(StorageKit, names_a_storage_that_opens_with_any_key) { expect_failing("trusting", {"a wrong key is refused"}); }
TEST(StorageKit, names_a_storage_that_writes_in_the_open) {
  expect_failing("plain", {"nothing that was written can be read in the files"});
}

}  // namespace
}  // namespace argot::kit
