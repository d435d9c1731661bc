#pragma once
// The one exception type of Argot. Each error says what happened, where, and what to do about it.
#include <argot/api.h>

#include <exception>
#include <string>
#include <string_view>

namespace argot {

/// What kind of failure it is, for programs. Stable: front ends and other languages see these names.
enum class Code {
  invalid_argument,    ///< the caller's input is wrong; retrying will not help
  not_found,           ///< the named thing does not exist
  already_exists,      ///< the named thing exists or is in use
  unauthenticated,     ///< a signature, password or key is wrong
  permission_denied,   ///< known but not allowed
  unavailable,         ///< somebody else is not answering; try again later
  timeout,             ///< no answer in time
  cancelled,           ///< stopped on purpose
  corrupt,             ///< stored or received data cannot be right
  resource_exhausted,  ///< a bound was reached: disk, queue, size, rate
  incompatible,        ///< versions or builds do not fit together
  internal,            ///< a defect in Argot or a plugin
};

/// The stable name of a code, e.g. "not_found".
ARGOT_API std::string_view name_of(Code code);

/// Thrown inside coroutines and functions; never across a process, where it becomes (code, what, remedy).
class ARGOT_API Error : public std::exception {
 public:
  /// @param what    one sentence: what happened and where. Never contains a secret or message content.
  /// @param remedy  one sentence: what to do about it; may be empty when there is nothing to do.
  Error(Code code, std::string what, std::string remedy = {});
  ~Error() override;

  const char* what() const noexcept override { return what_.c_str(); }
  Code code() const noexcept { return code_; }
  const std::string& remedy() const noexcept { return remedy_; }
  /// "what  Remedy." as one text for people.
  std::string sentence() const;

 private:
  Code code_;
  std::string what_, remedy_;
};

/// Any exception as (code, what, remedy): foreign exceptions become Code::internal. The result owns its
/// strings, so it may outlive the plugin that threw.
ARGOT_API Error to_error(std::exception_ptr failure) noexcept;

}  // namespace argot
