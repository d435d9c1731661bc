// Any bytes at all given as a plugin file: an Error or a note, never anything else.
#include <kernel/host/note_reader.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  argot::ByteView bytes(data, size);
  try {
    argot::kernel::PluginInfo info = argot::kernel::read_note(argot::kernel::open_bytes(bytes), "input");
    argot::kernel::check_build(info, "input");
  } catch (const argot::Error&) {
  }
  try {
    argot::kernel::ElfFile file(argot::kernel::open_bytes(bytes), "input");
    (void)file.mapped_size();
    (void)file.wants();
  } catch (const argot::Error&) {
  }
  return 0;
}
