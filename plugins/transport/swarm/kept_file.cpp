#include "kept_file.h"

#include <boost/json.hpp>

#include <cmath>

namespace argot::swarm {
namespace {

namespace json = boost::json;

constexpr std::size_t max_json = 16 * 1024;

Time time_of(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  double seconds = 0;
  if (value && value->is_double()) seconds = value->get_double();
  if (value && value->is_int64()) seconds = static_cast<double>(value->get_int64());
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e11) return {};
  return from_ms(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace

KeptFile parse_kept_file(std::string_view text, FileUrl base, bool needs_id) {
  const auto corrupt = [&](const char* what) {
    return Error(Code::corrupt, "The file server " + base.host + " answered with " + what + ".",
                 "Try again later, or with another server.");
  };
  boost::system::error_code failure;
  json::value value;
  if (text.size() <= max_json) value = json::parse(text, failure);
  if (failure || !value.is_object()) throw corrupt("something that is no JSON object");
  const json::object& object = value.get_object();
  KeptFile out;
  out.uploaded_at = time_of(object, "uploaded");
  out.expires_at = time_of(object, "expires");
  if (const json::value* size = object.if_contains("size"); size && size->is_int64() && size->get_int64() > 0)
    out.size = static_cast<std::uint64_t>(size->get_int64());
  if (needs_id) {
    const json::value* id = object.if_contains("id");
    if (id && id->is_string()) base.id = std::string(id->get_string());
    if (id && id->is_int64()) base.id = std::to_string(id->get_int64());  // servers of old
    if (base.id.empty()) throw corrupt("no id of the file");
  }
  base.stream = false;
  out.url = base.text();
  try {
    const FileUrl read = FileUrl::parse(out.url);
    if (read.id != base.id || read.text() != out.url) throw corrupt("an id that is none");
  } catch (const Error&) {
    throw corrupt("an id that is none");
  }
  return out;
}

}  // namespace argot::swarm
