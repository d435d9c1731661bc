#pragma once
// Which suite seals and which opens. Where negotiation joins when there is more than one.
#include <argot/context.h>
#include <argot/suite.h>

namespace argot::kernel {

class Suites {
 public:
  explicit Suites(Context& ctx) : ctx_(ctx) {}
  /// The suite for new messages to a peer: the first of the profile.
  Handle<Suite> for_sending(const AccountId& peer) const;
  /// The suite of that name, or nothing when it is not loaded any more.
  std::optional<Handle<Suite>> named(std::string_view name) const;
  /// Of all that are loaded, in order of precedence.
  std::vector<std::string> names() const;
  /// The suite that claims an envelope, or nothing.
  std::optional<Handle<Suite>> claiming(ByteView envelope) const;

 private:
  Context& ctx_;
};

}  // namespace argot::kernel
