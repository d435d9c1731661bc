// Any bytes at all given as a profile: problems or a profile, never anything else.
#include <kernel/host/profile_check.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    kernel::Profile profile = kernel::Profile::parse(text, "input");
    kernel::check_profile(profile, kernel::Catalog(), {});
  } catch (const Error&) {
  }
  try {
    kernel::Profile profile = kernel::Profile::parse("plugins: {transport: {use: swarm, a: b}, app: [x, y]}", "input");
    profile.set(text);
  } catch (const Error&) {
  }
  return 0;
}
