#include "ongoing.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

namespace argot::swarm {

struct Ongoing::Entry {
  Ongoing& all;
  std::shared_ptr<asio::cancellation_signal> signal = std::make_shared<asio::cancellation_signal>();
  explicit Entry(Ongoing& a) : all(a) { all.signals_.insert(signal); }
  Entry(const Entry&) = delete;
  ~Entry() { all.signals_.erase(signal); }
};

Task<http::Response> Ongoing::run(Task<http::Response> task) {
  if (ended_) throw Error(Code::cancelled, "The transport has stopped.");
  const Entry entry(*this);
  auto signal = entry.signal;
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.slot().is_connected()) state.slot().assign([signal](asio::cancellation_type type) { signal->emit(type); });
  auto executor = co_await asio::this_coro::executor;
  auto token = asio::bind_cancellation_slot(signal->slot(), asio::use_awaitable);
  std::optional<http::Response> response;
  try {
    response = co_await asio::co_spawn(executor, std::move(task), std::move(token));
  } catch (const boost::system::system_error& error) {
    throw Error(Code::cancelled, "A request was given up (" + error.code().message() + ").");
  }
  co_return std::move(*response);
}

void Ongoing::end_all() {
  ended_ = true;
  const auto now = signals_;
  for (const auto& signal : now) signal->emit(asio::cancellation_type::terminal);
}

}  // namespace argot::swarm
