#pragma once
// Kernels on a test world, with the fixture plugins.
#include <kernel/host/kernel.h>
#include <tests/host/fixtures/ledger.h>
#include <tests/host/test_world.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace argot::kernel {

class HostTest : public ::testing::Test {
 protected:
  static std::filesystem::path fixtures() {
    const char* build = std::getenv("ARGOT_BUILD_DIR");
    return std::filesystem::path(build ? build : ".") / "tests" / "host-fixtures";
  }
  static std::shared_ptr<const Catalog> catalog() {
    static auto catalog = std::make_shared<const Catalog>(std::vector<std::filesystem::path>{fixtures() / "usual"});
    return catalog;
  }
  Kernel make(std::string_view yaml) { return Kernel(world, Profile::parse(yaml, "test.yaml"), catalog()); }

  Ledger& ledger() {
    std::shared_ptr<void>& shared = world.shared("ledger");
    if (!shared) shared = std::make_shared<Ledger>();
    return *static_cast<Ledger*>(shared.get());
  }
  std::vector<std::string>& events() { return ledger().events; }

  /// What a failing call says; empty when it does not fail.
  template <class F> static std::string sentence_of(F call) {
    try {
      call();
    } catch (const Error& error) {
      return error.sentence();
    }
    return {};
  }

  TestWorld world;
};

}  // namespace argot::kernel
