// Decoding in a process of its own: what happens there, crash, hang or bomb, is one Error here and nothing else.
//
// The world offers no processes, and decoding is no conversation with the outside: it is a function from bytes to
// bytes that happens to be computed elsewhere. So a process is run as offloaded work (Context::run_off_loop): on a
// worker thread live, in line in a simulation, where the same input gives the same answer.
#pragma once
#include "frames.h"

#include <argot/context.h>

#include <deque>
#include <filesystem>
#include <memory>
#include <set>

namespace argot::media {

struct SandboxLimits {
  unsigned memory_mb = 768;                  ///< address space of one decoder
  Duration time = std::chrono::seconds(10);  ///< from start to answer, by the world's clock; CPU time as much
  std::size_t at_once = 2;                   ///< decoders that run at a time
  std::size_t waiting = 64;                  ///< items that wait for their turn; more are refused
};

/// Belongs to one plugin instance; call on its loop only.
class Sandbox {
 public:
  /// `program`: the decoder's file name, looked for in `folder` or, where that is empty, beside libargot.so in
  /// argot/decoders. Throws Error(not_found) when it is not there.
  Sandbox(Context& ctx, std::string program, std::filesystem::path folder, SandboxLimits limits);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;

  /// Throws Error as <argot/media.h> says; `name` is what the item is called in the sentence ("The picture").
  /// Cancelling the coroutine kills the decoder.
  Task<Answer> run(std::string name, Request request);
  /// Kills what runs and refuses what waits; run() throws Error(cancelled) from now on.
  void stop();
  std::size_t running() const { return children_.size(); }

 private:
  class Child;
  Task<> take_turn();
  void give_turn();

  Context& ctx_;
  std::filesystem::path program_;
  SandboxLimits limits_;
  std::set<std::shared_ptr<Child>> children_;
  std::deque<Handler<void()>> waiting_;
  std::size_t taken_ = 0;
  bool stopped_ = false;
};

/// Options of every plugin that has a sandbox; descriptors list them.
#define ARGOT_SANDBOX_OPTIONS                                                                                       \
  ::argot::Option{"time", ::argot::OptionType::duration, "10s", false, "how long decoding one item may take"},      \
      ::argot::Option{"memory", ::argot::OptionType::size, "768MiB", false, "address space for decoding one item"}, \
      ::argot::Option {                                                                                             \
    "decoders", ::argot::OptionType::text, "", false, "the folder with the decoder programs"                        \
  }

/// A sandbox as those options say.
std::unique_ptr<Sandbox> make_sandbox(Context& ctx, std::string program);

}  // namespace argot::media
