// Any text is an address or an Error(invalid_argument); what was read is written in a form that reads the same.
#include <argot/error.h>
#include <argot/file_url.h>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  try {
    const FileUrl url = FileUrl::parse({reinterpret_cast<const char*>(data), size});
    const FileUrl again = FileUrl::parse(url.text());
    if (again.text() != url.text() || again.host != url.host || again.id != url.id || again.stream != url.stream ||
        again.effective_port() != url.effective_port() || again.server_key != url.server_key)
      std::abort();
    if (url.id.find('/') != std::string::npos || url.host.empty() || url.id.empty()) std::abort();
  } catch (const Error& error) {
    if (error.code() != Code::invalid_argument) std::abort();
  }
  return 0;
}
