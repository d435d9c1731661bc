#include "console.h"

#include <boost/asio/write.hpp>

namespace argot::terminal {

Task<std::optional<std::string>> Console::read_line() {
  for (;;) {
    const std::size_t end = in_.find('\n');
    if (end != std::string::npos || in_.size() >= longest_line || (eof_ && !in_.empty())) {
      const std::size_t size = std::min({end, in_.size(), longest_line});
      std::string line = in_.substr(0, size);
      in_.erase(0, size + (size == end ? 1 : 0));
      if (!line.empty() && line.back() == '\r') line.pop_back();
      co_return line;
    }
    if (eof_ || closed_) co_return std::nullopt;
    char chunk[4096];
    try {
      const std::size_t n = co_await stream_.async_read_some(asio::buffer(chunk), asio::use_awaitable);
      in_.append(chunk, n);
    } catch (const boost::system::system_error&) {
      eof_ = true;
    }
  }
}

Task<> Console::write_all(std::string text) {
  co_await asio::async_write(stream_, asio::buffer(text), asio::use_awaitable);
}

Task<> Console::drain() {
  try {
    while (!closed_) {
      co_await flush();
      co_await bell_.wait(std::nullopt);
    }
  } catch (const boost::system::system_error&) {
    closed_ = true;  // nobody reads any more
  }
}

Task<> Console::flush() {
  while (!out_.empty()) {
    std::string text = std::exchange(out_, {});
    co_await write_all(std::move(text));
  }
}

void Console::close() {
  closed_ = true;
  bell_.ring();
  stream_.close();
}

std::string printable(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const auto c = static_cast<unsigned char>(s[i]);
    const bool c1 = c == 0xc2 && i + 1 < s.size() && static_cast<unsigned char>(s[i + 1]) < 0xa0;
    // U+202A..202E and U+2066..2069 turn the direction of what follows, beyond the message itself.
    const bool override_ = c == 0xe2 && i + 2 < s.size() &&
                           ((s[i + 1] == '\x80' && s[i + 2] >= '\xaa' && s[i + 2] <= '\xae') ||
                            (s[i + 1] == '\x81' && s[i + 2] >= '\xa6' && s[i + 2] <= '\xa9'));
    if (c == '\n')
      out += "\n      ";
    else if (c < 0x20 || c == 0x7f)
      out += "␣";
    else if (c1)
      out += "␣", ++i;
    else if (override_)
      out += "␣", i += 2;
    else
      out += s[i];
  }
  return out;
}

}  // namespace argot::terminal
