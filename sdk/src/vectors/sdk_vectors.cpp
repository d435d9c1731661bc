#include "cases.h"

namespace argot {
namespace {

class SdkVectors final : public Vectors {
 public:
  std::optional<VectorResult> run(std::string_view category, const boost::json::object& inputs,
                                  const boost::json::object& expected) const override {
    for (const Category& one : categories)
      if (one.name == category) return vectors::guarded([&] { return one.run(inputs, expected); });
    return std::nullopt;
  }

 private:
  struct Category {
    std::string_view name;
    std::optional<VectorResult> (*run)(const vectors::Object&, const vectors::Object&);
  };
  static constexpr Category categories[] = {
      {"mnemonic", vectors::run_mnemonic}, {"keys", vectors::run_keys},
      {"xed25519", vectors::run_xed25519}, {"message_hash", vectors::run_message_hash},
      {"protobuf", vectors::run_protobuf}, {"display_name", vectors::run_display_name},
      {"file_url", vectors::run_file_url}, {"calls", vectors::run_protobuf},
      {"pro", vectors::run_pro},
  };
};

}  // namespace

const Vectors& sdk_vectors() {
  static const SdkVectors instance;
  return instance;
}

}  // namespace argot
