#pragma once
// One port for two kinds of visitors: the first byte tells HTTPS from links of other nodes.
#include <argot/network.h>

#include <functional>
#include <list>

#include "gather.h"

namespace argot::node {

class Doorman {
 public:
  /// How many may be at the door without having said anything; then the one that came first is sent away.
  static constexpr std::size_t max_undecided = 4'000;
  static constexpr Duration patience = std::chrono::seconds(10);

  /// `on_link` takes streams whose first byte is `link_byte`.
  Doorman(Context& ctx, char link_byte, std::function<Task<>(Stream)> on_link);
  ~Doorman();

  /// Called when the process has too many connections open: close some of those that came out.
  void on_full(std::function<void()> told) { full_ = std::move(told); }
  /// Where the others come out: for the HTTP server. Call once.
  std::unique_ptr<Listener> others(std::string address);
  /// Accepts until stop().
  Task<> run(std::unique_ptr<Listener> listener);
  /// Stops listening and sends away who is at the door; returns when nobody is left.
  Task<> stop();
  std::size_t undecided() const;

 private:
  struct Queue;
  struct Exit;
  Task<> look(Stream stream);

  Context& ctx_;
  char link_byte_;
  std::function<Task<>(Stream)> on_link_;
  std::function<void()> full_;
  std::shared_ptr<Queue> queue_;
  Listener* listener_ = nullptr;
  std::list<std::shared_ptr<Stream>> at_door_;
  bool stopping_ = false;
  Gather running_;
};

}  // namespace argot::node
