#include <kernel/world/live_memory.h>

#include <cstdint>

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace argot::kernel {

void let_go_of_start() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void*) {
        const auto page = std::uintptr_t(::sysconf(_SC_PAGESIZE));
        for (int i = 0; i < library->dlpi_phnum; ++i) {
          const auto& segment = library->dlpi_phdr[i];
          // Read-only segments hold what the file holds. Writable ones, relocated tables included, do not.
          if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W)) continue;
          const auto begin = (library->dlpi_addr + segment.p_vaddr) & ~(page - 1);
          const auto end = library->dlpi_addr + segment.p_vaddr + segment.p_memsz;
          ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
        }
        return 0;
      },
      nullptr);
}

}  // namespace argot::kernel
