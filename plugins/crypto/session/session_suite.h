#pragma once
// The Session Protocol as a crypto suite, and its files: what every Session client speaks.
#include <argot/plugin.h>
#include <argot/suite.h>
#include <argot/vectors.h>

#include "key_cache.h"
#include "session_files.h"

namespace argot::session {

class SessionSuite final : public PluginOf<Suite>, public Vectors {
 public:
  Task<> start(Context& ctx) override;
  void* interface(std::string_view id) noexcept override;

  SuiteTraits traits() const override;
  bool claims(ByteView envelope) const override;
  Bytes seal(const Identity& self, const AccountId& peer, ByteView content, std::uint64_t sent_at_ms,
             SuiteState& state) override;
  Opened open(const Identity& self, ByteView envelope, SuiteState& state) override;

  std::optional<VectorResult> run(std::string_view category, const boost::json::object& inputs,
                                  const boost::json::object& expected) const override;

 private:
  static constexpr std::size_t remembered_senders = 512;

  Context* ctx_ = nullptr;
  SessionFiles files_;
  KeyCache senders_{remembered_senders};
};

}  // namespace argot::session
