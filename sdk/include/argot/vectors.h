#pragma once
// Machine-readable protocol cases. A plugin that implements wire facts offers this interface so that
// `argot vectors FILE.json` can run each case against the plugin that is really loaded.
#include <argot/api.h>

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace argot {

/// What came of one case: nothing wrong, or a sentence that says expected and found.
struct VectorResult {
  bool passed = false;
  std::string why;  ///< empty when passed
};

class ARGOT_API Vectors {
 public:
  static constexpr std::string_view interface_id = "vectors/1";
  virtual ~Vectors();
  /// Runs one case. Nothing when this implementation does not know the category or this shape of inputs:
  /// the case counts as not covered. Must not throw on malformed cases: that is a failed result.
  virtual std::optional<VectorResult> run(std::string_view category, const boost::json::object& inputs,
                                          const boost::json::object& expected) const = 0;
};

/// The cases that the SDK itself implements: mnemonic, keys, xed25519, message_hash, protobuf, display_name, file_url.
ARGOT_API const Vectors& sdk_vectors();

}  // namespace argot
