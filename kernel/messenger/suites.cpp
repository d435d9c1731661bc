#include <kernel/messenger/suites.h>

namespace argot::kernel {

Handle<Suite> Suites::for_sending(const AccountId&) const { return ctx_.service<Suite>(); }

std::optional<Handle<Suite>> Suites::named(std::string_view name) const {
  for (const Handle<Suite>& suite : ctx_.services<Suite>())
    if (suite && suite.provider() == name) return suite;
  return std::nullopt;
}

std::vector<std::string> Suites::names() const {
  std::vector<std::string> out;
  for (const Handle<Suite>& suite : ctx_.services<Suite>())
    if (suite) out.push_back(suite.provider());
  return out;
}

std::optional<Handle<Suite>> Suites::claiming(ByteView envelope) const {
  for (const Handle<Suite>& suite : ctx_.services<Suite>())
    if (suite && suite.lease()->claims(envelope)) return suite;
  return std::nullopt;
}

}  // namespace argot::kernel
