// Whatever people paste as an account ID or a recovery phrase is accepted or answered with a sentence.
#include <argot/error.h>
#include <argot/identity.h>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const AccountId id = AccountId::parse(text);
    if (AccountId::parse(id.text()) != id) std::abort();
  } catch (const Error& error) {
    if (error.code() != Code::invalid_argument) std::abort();
  }
  try {
    const Secret seed = phrase::to_seed(text);
    const Secret again = phrase::to_seed(phrase::from_seed(seed.view()));
    if (!equal_secret(seed.view(), again.view())) std::abort();
  } catch (const Error& error) {
    if (error.code() != Code::invalid_argument) std::abort();
  }
  if (auto bytes = from_base64(text))
    if (from_base64(to_base64(*bytes)) != bytes) std::abort();
  if (auto bytes = from_hex(text))
    if (from_hex(to_hex(*bytes)) != bytes) std::abort();
  return 0;
}
