#pragma once
// Lines in, text out, over a stream: the terminal of this process, or a test's end of a simulated one.
#include <argot/doorbell.h>
#include <argot/network.h>

#include <optional>

namespace argot::terminal {

class Console {
 public:
  static constexpr std::size_t longest_line = 64 * 1024;

  Console(Context& ctx, Stream stream) : stream_(std::move(stream)), bell_(ctx) {}
  /// The next line without its end; nothing at the end of input. A longer line than longest_line comes in parts.
  Task<std::optional<std::string>> read_line();
  /// Queues text; drain() writes it. Control characters of other people's text must be gone by then.
  void write(std::string_view text) {
    out_ += text;
    bell_.ring();
  }
  /// Writes what is queued, until close(). Run one.
  Task<> drain();
  /// Writes what is queued and returns when it is out.
  Task<> flush();
  void close();

 private:
  Task<> write_all(std::string text);
  Stream stream_;
  Doorbell bell_;
  std::string in_, out_;
  bool eof_ = false, closed_ = false;
};

/// Text of other people, safe for a terminal: control and bidirectional-override characters shown as their names.
std::string printable(std::string_view utf8);

}  // namespace argot::terminal
