#pragma once
// The conformance kit for storage: every sentence of <argot/storage.h> that can be tried, tried.
//
//   StorageUnderTest subject(storage, folder);
//   Report report = co_await check_storage(ctx, std::move(subject));
//   std::cout << report.table();
//
// It opens its own stores in folders below `scratch` and leaves them closed. Randomness comes from the context: the
// same seed tries the same things.
#include "report.h"

#include <argot/context.h>
#include <argot/storage.h>

#include <filesystem>
#include <functional>

namespace argot::kit {

struct StorageUnderTest {
  /// The instance that runs now: another one after a crash.
  std::function<Storage&()> storage;
  /// A folder of the kit's own. Storages that keep files keep them below it.
  std::filesystem::path scratch;
  /// Ends the kernel that runs the storage without stopping anything, and starts another of the same world. May be
  /// empty. Storages with files are examined in any case: a copy of the files of an open store is what kill -9 leaves.
  std::function<Task<>()> crash;
  std::string name;

  StorageUnderTest(Storage& one, std::filesystem::path folder)
      : storage([&one]() -> Storage& { return one; }), scratch(std::move(folder)) {}
  StorageUnderTest(std::function<Storage&()> now, std::filesystem::path folder)
      : storage(std::move(now)), scratch(std::move(folder)) {}
};

/// Tries every promise. Never throws because of the storage: what a storage throws is a check that fails.
Task<Report> check_storage(Context& ctx, StorageUnderTest subject);

}  // namespace argot::kit
