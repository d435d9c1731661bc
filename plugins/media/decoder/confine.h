// What a decoder process does to itself before it looks at the first byte of a stranger's file.
#pragma once

namespace argot::media {

struct Cage {
  unsigned long memory_mb = 768;  ///< address space
  unsigned long cpu_s = 10;
  unsigned long wall_ms = 20'000;  ///< the last resort; the plugin's own timer is shorter
};

/// From here on the process can compute, take and return memory, read descriptor 0, write descriptor 1 and end. Any
/// other system call (a file, a socket, a process, executable memory, a signal, another limit) kills it. False if the
/// system does not offer that: then the process must not go on.
bool confine(const Cage& cage);

}  // namespace argot::media
