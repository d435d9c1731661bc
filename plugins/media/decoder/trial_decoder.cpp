// A decoder for tests that does what the first word of its input says: what hostile files make decoders do.
#include "decoder_main.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

namespace argot::media {
namespace {

extern "C" char** environ;

Answer trial(Request request) {
  const std::string word(text_of(request.data).substr(0, text_of(request.data).find(' ')));
  Answer out;
  out.text = "text/plain";
  if (word == "echo") out.data = request.data;
  if (word == "environment") out.data = to_bytes(view(environ[0] ? environ[0] : "empty"));
  if (word == "refuse") throw Refusal(Status::corrupt, "is wrong on purpose");
  if (word == "crash") *static_cast<volatile char*>(nullptr) = 1;
  if (word == "abort") std::abort();
  if (word == "spin")
    for (volatile bool on = true; on;) continue;
  if (word == "hang") {
    volatile int never = 0;
    syscall(202 /* futex wait, without end */, &never, 0, 0, nullptr, nullptr, 0);
  }
  if (word == "eat")
    for (std::vector<Bytes> all;; all.emplace_back(1 << 24, 1)) continue;
  if (word == "read-file") open("/etc/passwd", O_RDONLY);
  if (word == "write-file") open("trial-was-here", O_WRONLY | O_CREAT, 0600);
  if (word == "connect") socket(AF_INET, SOCK_STREAM, 0);
  if (word == "fork") fork();
  if (word == "exec") execl("/bin/true", "true", nullptr);
  if (word == "signal") kill(getppid(), SIGTERM);
  if (word == "code") mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (word == "descriptor") out.data = Bytes(static_cast<std::size_t>(write(3, "x", 1) + 2));
  if (word == "flood")
    for (const Bytes much(1 << 20, 'x');;)
      if (write(1, much.data(), much.size()) < 0) break;
  if (word == "nonsense") {
    if (write(1, "nonsense", 8) != 8) std::abort();
    _exit(0);
  }
  if (word == "leave") _exit(0);
  return out;
}

}  // namespace
}  // namespace argot::media

int main(int argc, char** argv) { return argot::media::decoder_main(argc, argv, argot::media::trial); }
