#include <kernel/messenger/events.h>

namespace argot::kernel {

// Shared with posted turns and with subscriptions, which may outlive the bus.
struct Events::State : std::enable_shared_from_this<Events::State> {
  explicit State(Context& c) : ctx(c), executor(c.executor()) {}
  struct Subscriber {
    std::function<void(const Event&)> on_event;
    bool ended = false;
  };

  void drain() {
    scheduled = false;
    // Only what is queued now: a subscriber that causes events gives others their turn in between.
    std::deque<Event> batch = std::exchange(queue, {});
    for (const Event& event : batch) {
      const auto now = subscribers;  // keeps them alive and in place, whatever they do: end, or end others
      for (const auto& subscriber : now) {
        if (subscriber->ended) continue;
        try {
          subscriber->on_event(event);
        } catch (...) {
          ctx.warn("A subscriber failed on an event: " + to_error(std::current_exception()).sentence());
        }
        if (stopped) return;
      }
    }
  }

  Context& ctx;
  asio::any_io_executor executor;
  std::vector<std::shared_ptr<Subscriber>> subscribers;
  std::deque<Event> queue;
  bool scheduled = false, stopped = false;
};

Events::Events(Context& ctx) : state_(std::make_shared<State>(ctx)) {}
Events::~Events() {
  state_->stopped = true;
  state_->subscribers.clear();
  state_->queue.clear();
}

bool Events::heard() const { return !state_->subscribers.empty(); }

void Events::queue(Event event) {
  state_->queue.push_back(std::move(event));
  if (std::exchange(state_->scheduled, true)) return;
  asio::post(state_->executor, [weak = std::weak_ptr<State>(state_)] {
    if (auto state = weak.lock()) state->drain();
  });
}

Subscription Events::subscribe(std::function<void(const Event&)> on_event) {
  auto subscriber = std::make_shared<State::Subscriber>();
  subscriber->on_event = std::move(on_event);
  state_->subscribers.push_back(subscriber);
  return Subscription([weak = std::weak_ptr<State>(state_), subscriber] {
    subscriber->ended = true;
    if (auto state = weak.lock()) std::erase(state->subscribers, subscriber);
  });
}

}  // namespace argot::kernel
