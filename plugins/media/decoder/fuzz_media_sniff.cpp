// Any bytes as a file and as its name: a type or none, and a name that is clean and stays so.
#include "file_name.h"
#include "sniff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace argot::media;
  const argot::ByteView bytes(data, size);
  const auto type = sniff(bytes);
  if (type != sniff(bytes.first(size < sniff_length ? size : sniff_length))) __builtin_trap();
  const std::string name = clean_file_name(argot::text_of(bytes));
  if (name.empty() || name.size() > max_file_name || name == "." || name == "..") __builtin_trap();
  if (name.find_first_of(std::string_view("/\\\0\n\r\x1b", 6)) != std::string::npos) __builtin_trap();
  if (clean_file_name(name) != name) __builtin_trap();
  const std::string typed = with_extension(name, extension_of(type));
  if (typed.empty() || typed.size() > max_file_name || clean_file_name(typed) != typed) __builtin_trap();
  return 0;
}
