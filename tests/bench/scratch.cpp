#include "bench.h"

#include <argot/error.h>

#include <stdlib.h>
#include <unistd.h>

namespace argot::bench {

namespace fs = std::filesystem;

Scratch::Scratch() {
  const fs::path memory = "/dev/shm";
  std::string folder =
      ((::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path()) / "argot-bench-XXXXXX").string();
  if (!::mkdtemp(folder.data()))
    throw Error(Code::permission_denied, "No folder can be made for the benchmark's files.",
                "Set TMPDIR to a place that can be written.");
  path_ = folder;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path program_dir() { return fs::read_symlink("/proc/self/exe").parent_path(); }

}  // namespace argot::bench
