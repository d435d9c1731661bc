#pragma once
// Coroutines and time. One thread runs all kernel and plugin code of one kernel, so nothing here locks.
#include <argot/api.h>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>

namespace argot {

namespace asio = boost::asio;
using boost::system::error_code;

/// A coroutine that gives a T. Start one with Context::spawn or co_await it; parameters are by value.
/// g++ 12: never build an aggregate, a conditional or a capturing lambda inside a co_await argument
/// (double free); name it first, then std::move it.
template <class T = void> using Task = asio::awaitable<T>;

using Duration = std::chrono::microseconds;
/// Wall-clock time of the world (UTC). May jump; use uptime to measure.
using Time = std::chrono::sys_time<Duration>;

/// A callback that asio hands over exactly once; destroying it unused ends the coroutine that waits.
template <class Signature> using Handler = asio::any_completion_handler<Signature>;

inline std::int64_t to_ms(Time t) {
  return std::chrono::floor<std::chrono::milliseconds>(t.time_since_epoch()).count();
}
inline Time from_ms(std::int64_t ms) { return Time(std::chrono::milliseconds(ms)); }

}  // namespace argot
