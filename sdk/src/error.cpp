#include <argot/error.h>

#include <new>
#include <utility>

namespace argot {

std::string_view name_of(Code code) {
  switch (code) {
    case Code::invalid_argument: return "invalid_argument";
    case Code::not_found: return "not_found";
    case Code::already_exists: return "already_exists";
    case Code::unauthenticated: return "unauthenticated";
    case Code::permission_denied: return "permission_denied";
    case Code::unavailable: return "unavailable";
    case Code::timeout: return "timeout";
    case Code::cancelled: return "cancelled";
    case Code::corrupt: return "corrupt";
    case Code::resource_exhausted: return "resource_exhausted";
    case Code::incompatible: return "incompatible";
    case Code::internal: return "internal";
  }
  return "internal";  // a number from a newer build
}

Error::Error(Code code, std::string what, std::string remedy)
    : code_(code), what_(std::move(what)), remedy_(std::move(remedy)) {}

// Here, so that the type information lives in one library and every plugin's catch finds it.
Error::~Error() = default;

std::string Error::sentence() const {
  std::string text = what_;
  if (!text.empty() && std::string_view(".!?").find(text.back()) == std::string_view::npos) text += '.';
  if (remedy_.empty()) return text;
  if (!text.empty()) text += ' ';
  text += remedy_;
  if (std::string_view(".!?").find(text.back()) == std::string_view::npos) text += '.';
  return text;
}

Error to_error(std::exception_ptr failure) noexcept {
  if (!failure) return Error(Code::internal, "A failure was reported without an exception.");
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(Code::resource_exhausted, "There is not enough memory.", "Close other programs or add memory.");
  } catch (const std::exception& error) {
    return Error(Code::internal, error.what());
  } catch (...) {
    return Error(Code::internal, "An exception of an unknown type was thrown.");
  }
}

}  // namespace argot
