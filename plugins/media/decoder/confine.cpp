// The filter is written out rather than made by libseccomp: it is a list of two dozen numbers.
#include "confine.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <vector>

namespace argot::media {
namespace {

#if defined(__x86_64__)
constexpr unsigned architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned architecture = AUDIT_ARCH_AARCH64;
#else
#error "Add this architecture's AUDIT_ARCH number."
#endif

using Filter = std::vector<sock_filter>;

constexpr unsigned low_half(unsigned argument) {  // both architectures are little-endian
  return static_cast<unsigned>(offsetof(seccomp_data, args)) + 8 * argument;
}

void load(Filter& f, unsigned offset) { f.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)); }
void answer(Filter& f, unsigned what) { f.push_back(BPF_STMT(BPF_RET | BPF_K, what)); }

void allow(Filter& f, unsigned number) {
  f.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
  answer(f, SECCOMP_RET_ALLOW);
}

/// Allowed if the argument's low half is `value`: the descriptor of read and write.
void allow_if_equal(Filter& f, unsigned number, unsigned argument, unsigned value) {
  f.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4));
  load(f, low_half(argument));
  f.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
  answer(f, SECCOMP_RET_ALLOW);
  answer(f, SECCOMP_RET_KILL_PROCESS);
}

/// Allowed if none of the bits is set: memory that is not executable.
void allow_without(Filter& f, unsigned number, unsigned argument, unsigned bits) {
  f.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4));
  load(f, low_half(argument));
  f.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0));
  answer(f, SECCOMP_RET_ALLOW);
  answer(f, SECCOMP_RET_KILL_PROCESS);
}

bool install_filter() {
  Filter f;
  load(f, offsetof(seccomp_data, arch));
  f.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0));
  answer(f, SECCOMP_RET_KILL_PROCESS);
  load(f, offsetof(seccomp_data, nr));
  allow_if_equal(f, __NR_read, 0, 0);
  allow_if_equal(f, __NR_write, 0, 1);
  allow_without(f, __NR_mmap, 2, PROT_EXEC);
  allow_without(f, __NR_mprotect, 2, PROT_EXEC);
  for (const unsigned number : {__NR_munmap, __NR_mremap, __NR_brk, __NR_madvise, __NR_futex, __NR_exit_group,
                                __NR_exit, __NR_clock_gettime, __NR_getrandom, __NR_rt_sigreturn})
    allow(f, number);
  answer(f, SECCOMP_RET_KILL_PROCESS);
  sock_fprog program{static_cast<unsigned short>(f.size()), f.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool limit(int what, rlim_t value) {
  const rlimit both{value, value};
  return setrlimit(static_cast<__rlimit_resource>(what), &both) == 0;
}

}  // namespace

bool confine(const Cage& cage) {
  if (close_range(3, ~0u, 0) != 0) return false;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody would read the answer
  prctl(PR_SET_DUMPABLE, 0);         // a crash leaves no picture of somebody's photo on the disk
  const itimerval wall{
      {0, 0}, {static_cast<time_t>(cage.wall_ms / 1000), static_cast<suseconds_t>(cage.wall_ms % 1000 * 1000)}};
  return limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_CPU, cage.cpu_s) &&
         limit(RLIMIT_AS, cage.memory_mb << 20) && setitimer(ITIMER_REAL, &wall, nullptr) == 0 && install_filter();
}

}  // namespace argot::media
