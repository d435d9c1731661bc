#pragma once
// What the tests of this store have in common.
#include "store.h"

#include <argot/error.h>
#include <sdk/testing/storage_scene.h>

#include <gtest/gtest.h>

#include <fstream>

#include <unistd.h>

namespace argot::sqlite {

namespace fs = std::filesystem;
using kit::account_id;
using kit::contents_of;
using kit::furnish;
using kit::plain_conversation;
using kit::plain_message;

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(::testing::TempDir()) / ("argot-" + std::to_string(::getpid()) + "-" + test->name());
    fs::remove_all(root_);
    fs::create_directories(root_);
    folder_ = root_ / "account";
  }
  void TearDown() override { fs::remove_all(root_); }

  std::unique_ptr<Store> open(const fs::path& folder) { return open_store(folder, key_); }
  std::unique_ptr<Store> open() { return open(folder_); }
  fs::path copy_of(const fs::path& folder) {
    const fs::path copy = root_ / ("copy-" + std::to_string(++copies_));
    fs::copy(folder, copy, fs::copy_options::recursive);
    return copy;
  }

  Secret key_{32};
  fs::path root_, folder_;

 private:
  int copies_ = 0;
};

inline std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_file(const fs::path& file, std::string_view content) {
  std::ofstream(file, std::ios::binary) << content;
}

/// What `run` throws, as "code: sentence"; "nothing" when it does not.
template <class Run> std::string error_of(Run run) {
  try {
    run();
  } catch (const Error& error) {
    return std::string(name_of(error.code())) + ": " + error.sentence();
  }
  return "nothing";
}

}  // namespace argot::sqlite
