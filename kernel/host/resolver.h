#pragma once
// Who must start before whom.
#include <kernel/host/plugin_info.h>

#include <argot/error.h>

#include <functional>

namespace argot::kernel {

/// One component, as far as the order of starting is concerned.
struct Wanted {
  std::string title;  ///< how sentences name it
  std::string kind;
  std::vector<std::string> provides, needs;
};

/// Gives indices in an order in which everything comes after what it needs; where needs do not decide, by kind
/// (networks first, apps last) and then as listed. `given`: interfaces that are there anyway.
/// `suggest` names plugins that provide an interface, for the remedy. Throws Error(not_found) for a requirement that
/// nobody meets and Error(invalid_argument) for a circle, with the whole chain in the sentence.
std::vector<std::size_t> start_order(const std::vector<Wanted>& all, const std::vector<std::string>& given,
                                     const std::function<std::vector<std::string>(const std::string&)>& suggest);

/// Which optional components join: those that somebody needs, and those whose needs are all met.
std::vector<std::size_t> joining(const std::vector<Wanted>& listed, const std::vector<Wanted>& optional,
                                 const std::vector<std::string>& given);

}  // namespace argot::kernel
