#pragma once
// Opening a folder as a store.
#include <argot/storage.h>

namespace argot::sqlite {

/// Opens or creates the store in `folder` under a 32-byte key; see Storage::open for what it throws. Blocks.
std::unique_ptr<Store> open_store(const std::filesystem::path& folder, const Secret& key);

/// The same without encryption, to measure what encryption costs. The plugin never calls it.
std::unique_ptr<Store> open_plain_store(const std::filesystem::path& folder);

/// Whether open_store would find one.
bool store_exists(const std::filesystem::path& folder);

}  // namespace argot::sqlite
