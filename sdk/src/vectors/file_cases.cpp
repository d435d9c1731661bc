// Cases of display names (client/account.md section 6) and of file addresses (client/attachments.md section 3).
#include <argot/content.h>
#include <argot/file_url.h>

#include "cases.h"

namespace argot::vectors {
namespace {

VectorResult read_url(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  const FileUrl url = FileUrl::parse(text(inputs, "url"));
  expected.text("scheme", url.scheme);
  expected.text("host", url.host);
  expected.number("port", url.effective_port());
  expected.text("file_id", url.id);
  expected.value("server_pubkey",
                 url.server_key.empty() ? boost::json::value(nullptr) : boost::json::value(url.server_key));
  expected.value("stream_encryption", url.stream);
  expected.note("note");
  // What is written again means the same.
  const FileUrl again = FileUrl::parse(url.text());
  if (again.text() != url.text() || again.id != url.id || again.stream != url.stream)
    return {false, "The address that was read is not the one that is written: " + url.text()};
  return expected.result();
}

VectorResult write_url(const Object& inputs, const Object& expected_object) {
  Expectation expected(expected_object);
  FileUrl url;
  url.scheme = text(inputs, "scheme");
  url.host = text(inputs, "host");
  url.port = static_cast<std::uint16_t>(number(inputs, "port"));
  url.id = text(inputs, "file_id");
  if (const std::string key = text(inputs, "server_pubkey"); key != "default") url.server_key = key;
  url.stream = inputs.at("stream_encryption").as_bool();
  expected.text("url", url.text());
  return expected.result();
}

}  // namespace

std::optional<VectorResult> run_display_name(const Object& inputs, const Object& expected_object) {
  if (!has_exactly(inputs, {"input"})) return std::nullopt;
  Expectation expected(expected_object);
  const auto name = display_name(text(inputs, "input"));
  expected.value("output", name ? boost::json::value(*name) : boost::json::value(nullptr));
  return expected.result();
}

std::optional<VectorResult> run_file_url(const Object& inputs, const Object& expected) {
  if (has_exactly(inputs, {"url"})) return read_url(inputs, expected);
  if (has(inputs, "file_id") && has(inputs, "stream_encryption")) return write_url(inputs, expected);
  return std::nullopt;
}

}  // namespace argot::vectors
